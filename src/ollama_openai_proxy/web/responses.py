"""Answers as ASGI messages: one JSON document, a text, or lines as they come."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import aclosing
from typing import Any, Protocol

import msgspec
from ollama_openai_proxy_models import ollama

from ..errors import ProxyError, ShuttingDown
from ..framing.ndjson import encode_lines
from ..telemetry import current

type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type Headers = list[tuple[bytes, bytes]]

_log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode
_JSON = b"application/json; charset=utf-8"


class Response(Protocol):
    """What a handler gives back: it sends itself."""

    async def send(self, send: Send) -> None:
        """Sends status, headers and body."""


class WholeResponse:
    """A whole body; by default JSON."""

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
        """Sends status, headers and body."""
        await send({"type": "http.response.start", "status": self.status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self.body})


def ndjson_document(messages: Iterable[msgspec.Struct]) -> WholeResponse:
    """NDJSON that is known from the start."""
    return WholeResponse(encode_lines(messages), media_type=b"application/x-ndjson")


def json(message: msgspec.Struct, status: int = 200) -> WholeResponse:
    """A struct as a JSON document."""
    return WholeResponse(_encode(message), status)


class NDJSONResponse:
    """NDJSON as it comes. A failure on the way is its last line, since the status is out."""

    _HEADERS: Headers = [  # noqa: RUF012
        (b"content-type", b"application/x-ndjson"),
        (b"cache-control", b"no-cache"),
        (b"x-accel-buffering", b"no"),
    ]

    def __init__(self, first: bytes, rest: AsyncGenerator[bytes]) -> None:
        self._first = first
        self._rest = rest

    async def send(self, send: Send) -> None:
        """Sends status, headers and each run of lines."""
        running = current()
        async with aclosing(self._rest):
            running.streams()
            await send({"type": "http.response.start", "status": 200, "headers": self._HEADERS})
            await send(_part(self._first))
            try:
                async for ndjson_response in self._rest:
                    await send(_part(ndjson_response))
            except ProxyError as failure:
                running.fails(failure)
                await send(_part(_error_line(failure.message)))
            except asyncio.CancelledError:
                # The service ends; or the client has left, and this goes nowhere.
                running.fails(ShuttingDown())
                await send(_part(_error_line(ShuttingDown().message)))
            except Exception:  # noqa: BLE001  (the edge, once a status is out)
                _log.exception("a stream failed")
                running.fails(ProxyError("internal error"))
                await send(_part(_error_line("internal error")))
            await send({"type": "http.response.body", "body": b""})


async def ndjson_response(source: AsyncGenerator[bytes]) -> NDJSONResponse:
    """`source` as an answer, once its first lines are there: a failure until then has a status."""
    return NDJSONResponse(await anext(source), source)


def _part(body: bytes) -> MutableMapping[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}


def _error_line(message: str) -> bytes:
    return encode_lines([ollama.ErrorResponse(error=message)])
