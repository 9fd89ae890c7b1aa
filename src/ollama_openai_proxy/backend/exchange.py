"""One request to the backend and its response, with the time limits between them."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple, Self

from ..backend_errors import refusal
from ..errors import BackendTimeout, BackendUnreachable, BackendViolation
from .redaction import Redactor
from .transport.deadline import Deadline
from .transport.seam import BackendRequest, BackendResponse, RawHeaders, Transport, header


class Timeouts(NamedTuple):
    """Seconds. No limit applies to a whole response.

    `first_byte`: until the response's head, and from there to its first bytes. `idle`: between
    later bytes. The transport limits the time to connect.
    """

    first_byte: float
    idle: float


class Exchange:
    """An asynchronous context: entered, it sends the request and waits for the response's head.

    Iterating over it yields the bytes of the body as they arrive. Leaving it frees the connection,
    and redacts the key from an error that passes through. Entering raises BackendUnreachable,
    BackendViolation or BackendTimeout; BackendRefused for a status that is not a success, unless
    the request passes through. Iterating raises the first three.
    """

    __slots__ = (
        "_deadline", "_limit", "_redactor", "_request", "_response", "_timeouts", "_transport",
    )  # fmt: skip

    def __init__(
        self, transport: Transport, request: BackendRequest, timeouts: Timeouts, redactor: Redactor
    ) -> None:
        self._transport = transport
        self._request = request
        self._timeouts = timeouts
        self._limit = timeouts.first_byte
        self._redactor = redactor

    async def __aenter__(self) -> Self:
        self._deadline = deadline = Deadline()
        limit = self._timeouts.first_byte
        deadline.start(limit)
        try:
            self._response: BackendResponse = await self._transport.send(self._request)
            deadline.stop()
            if not (200 <= self.status < 300 or self._request.passes_through):
                await self._refuse()
        except asyncio.CancelledError:
            self._close()
            if deadline.expired():
                raise BackendTimeout(f"the backend did not answer within {limit:g} s") from None
            raise
        except BaseException as error:
            self._close()
            self._redactor.error(error)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        self._redactor.error(error)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        deadline = self._deadline
        limit = self._limit
        deadline.start(limit)
        try:
            data = await self._response.read_some()
        except asyncio.CancelledError:
            if deadline.expired():
                raise BackendTimeout(f"the backend was silent for {limit:g} s") from None
            raise
        deadline.stop()
        if not data:
            raise StopAsyncIteration
        self._limit = self._timeouts.idle
        return data

    @property
    def status(self) -> int:
        """The status of the response."""
        return self._response.status

    @property
    def headers(self) -> RawHeaders:
        """The headers of the response."""
        return self._response.headers

    @property
    def media_type(self) -> str:
        """The media type of the response in lower case, without parameters."""
        return header(self._response, b"content-type").partition(";")[0].strip().lower()

    async def read(self) -> bytes:
        """The whole body."""
        parts = [part async for part in self]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def read_redacted(self) -> bytes:
        """The whole body without our key, which some servers echo in an error."""
        return self._redactor.body(await self.read())

    async def _refuse(self) -> None:
        response = self._response
        try:
            body = await self.read()
        except (BackendTimeout, BackendUnreachable, BackendViolation):
            body = b""  # the status says enough
        raise refusal(response.status, body, response.reason, _decoded(response.headers))

    def _close(self) -> None:
        self._deadline.close()
        response: BackendResponse | None = getattr(self, "_response", None)
        if response is not None:
            response.close()


def _decoded(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
