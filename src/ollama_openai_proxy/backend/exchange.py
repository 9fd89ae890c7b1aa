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

_FIRST_BYTE_SETTING = "OLLAMA_OPENAI_PROXY_FIRST_BYTE_TIMEOUT"
_IDLE_SETTING = "OLLAMA_OPENAI_PROXY_IDLE_TIMEOUT"


class Timeouts(NamedTuple):
    """Time limits in seconds. The total duration of a response is not limited.

    `first_byte` applies to the wait for the response's head, and again to the wait for the first
    bytes of its body. `idle` applies between later bytes. The transport limits the time to connect.
    """

    first_byte: float
    idle: float


class Exchange:
    """An asynchronous context manager that sends a request and receives its response.

    Entering it sends the request and waits for the response's head. Iterating over it yields the
    bytes of the body as they arrive. Leaving it frees the connection and redacts the API key from
    an error that was raised inside.

    Entering raises BackendUnreachable, BackendViolation or BackendTimeout, and BackendRefused for
    an unsuccessful status unless the request passes through. Iterating raises the first three.
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
                raise BackendTimeout(
                    f"the backend sent no response within {limit:g} s; see {_FIRST_BYTE_SETTING}"
                ) from None
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
                setting = _IDLE_SETTING if limit == self._timeouts.idle else _FIRST_BYTE_SETTING
                raise BackendTimeout(
                    f"the backend sent no data for {limit:g} s; see {setting}"
                ) from None
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
        """Return the whole body."""
        parts = [part async for part in self]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def read_redacted(self) -> bytes:
        """Return the whole body without our API key, which some servers echo in an error."""
        return self._redactor.body(await self.read())

    async def _refuse(self) -> None:
        response = self._response
        try:
            body = await self.read()
        except (BackendTimeout, BackendUnreachable, BackendViolation):
            body = b""  # the status is enough for an error message
        raise refusal(response.status, body, response.reason, _decoded(response.headers))

    def _close(self) -> None:
        self._deadline.close()
        response: BackendResponse | None = getattr(self, "_response", None)
        if response is not None:
            response.close()


def _decoded(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
