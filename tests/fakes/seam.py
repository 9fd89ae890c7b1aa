"""Base class for fake backends that are written with httpx's request and response types.

The service's transport interface has its own types (`backend.transport.seam`). httpx's are more
convenient in tests, so this adapter converts between the two.
"""

from collections.abc import AsyncIterator

import httpx

from ollama_openai_proxy.backend.transport import BackendRequest, BackendResponse
from ollama_openai_proxy.backend.transport.seam import RawHeaders
from ollama_openai_proxy.errors import (
    BackendTimeout,
    BackendUnreachable,
    BackendViolation,
    ProxyError,
)

_LOST = "lost the connection to the backend"
# httpx's exceptions → the errors that the real transport raises. Subclasses come first.
_FAILURES: tuple[tuple[type[Exception], type[ProxyError], str], ...] = (
    (httpx.ConnectTimeout, BackendTimeout, "timed out while connecting to the backend"),
    (httpx.TimeoutException, BackendTimeout, "the backend did not respond in time"),
    (httpx.ConnectError, BackendUnreachable, "cannot connect to the backend"),
    (httpx.RemoteProtocolError, BackendViolation, "the backend sent an invalid HTTP response"),
    (httpx.DecodingError, BackendViolation, "the backend sent an invalid HTTP response"),
    (httpx.NetworkError, BackendUnreachable, _LOST),
)


class FakeNetwork(httpx.AsyncBaseTransport):
    """A backend transport. Subclasses implement httpx's `handle_async_request`."""

    async def send(self, request: BackendRequest) -> BackendResponse:
        """Convert the request, handle it, and convert the response or the exception."""
        body = request.body
        sent = httpx.Request(
            request.method,
            request.url,
            headers=[*request.headers, *([("x-request-id", request.id)] if request.id else [])],
            content=body,
        )
        try:
            response = await self.handle_async_request(sent)
        except httpx.HTTPError as error:
            raise _failure(error) from error
        return _Response(response, decompress=not request.passes_through)

    async def close(self) -> None:
        await self.aclose()


class _Response:
    def __init__(self, response: httpx.Response, *, decompress: bool) -> None:
        self._response = response
        packed = "content-encoding" in response.headers
        parts = response.aiter_bytes() if decompress and packed else _raw(response)
        self._parts = parts.__aiter__()
        self.status: int = response.status_code
        self.reason: str = response.reason_phrase
        self.headers: RawHeaders = response.headers.raw
        self.closed = False

    async def read_some(self) -> bytes:
        try:
            async for part in self._parts:
                if part:
                    return part
        except httpx.HTTPError as error:
            raise _failure(error) from error
        return b""

    def close(self) -> None:
        stream = self._response.stream
        if isinstance(stream, Closeable):
            stream.closed = True


class Closeable(httpx.AsyncByteStream):
    """A body that records whether it was closed."""

    closed = False


async def _raw(response: httpx.Response) -> AsyncIterator[bytes]:
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for part in response.stream:
        yield part


def _failure(error: httpx.HTTPError) -> ProxyError:
    for known, ours, text in _FAILURES:
        if isinstance(error, known):
            return ours(f"{text}: {error}" if str(error) else text)
    raise error
