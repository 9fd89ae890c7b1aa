"""Complete responses as ASGI messages."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Protocol

import msgspec

from ..framing.ndjson import encode_lines

type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type Headers = list[tuple[bytes, bytes]]

_encode = msgspec.json.Encoder().encode
_JSON = b"application/json; charset=utf-8"


class Response(Protocol):
    """A response of a handler; it sends itself as ASGI messages."""

    async def send(self, send: Send) -> None:
        """Send status, headers and body."""


class WholeResponse:
    """A response whose body is complete, JSON by default."""

    def __init__(
        self,
        body: bytes,
        status: int = 200,
        media_type: bytes = _JSON,
        headers: Headers | None = None,
    ) -> None:
        self.body = body
        self.status = status
        self._headers = [
            (b"content-type", media_type),
            (b"content-length", str(len(body)).encode()),
            *(headers or []),
        ]

    async def send(self, send: Send) -> None:
        """Send status, headers and body."""
        await send({"type": "http.response.start", "status": self.status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self.body})


def ndjson_document(messages: Iterable[msgspec.Struct]) -> WholeResponse:
    """An NDJSON response whose lines are all known."""
    return WholeResponse(encode_lines(messages), media_type=b"application/x-ndjson")


def json(message: msgspec.Struct, status: int = 200) -> WholeResponse:
    """A JSON response with the given struct."""
    return WholeResponse(_encode(message), status)
