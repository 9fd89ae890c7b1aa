"""NDJSON responses that are sent line by line."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import aclosing
from typing import Any

from ..telemetry import RequestMetrics
from .error_format import OLLAMA
from .failures import failure_of
from .responses import Headers, Send


class NDJSONResponse:
    """Streamed NDJSON. A failure midway is reported in the last line, since the status was sent."""

    _HEADERS: Headers = [  # noqa: RUF012
        (b"content-type", b"application/x-ndjson"),
        (b"cache-control", b"no-cache"),
        (b"x-accel-buffering", b"no"),  # nginx would buffer the stream
    ]

    def __init__(self, first: bytes, rest: AsyncGenerator[bytes], metrics: RequestMetrics) -> None:
        self._first = first
        self._rest = rest
        self._metrics = metrics

    async def send(self, send: Send) -> None:
        """Send status, headers and each batch of lines."""
        async with aclosing(self._rest):
            self._metrics.open_stream()
            await send({"type": "http.response.start", "status": 200, "headers": self._HEADERS})
            await send(_part(self._first))
            try:
                async for lines in self._rest:
                    await send(_part(lines))
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  (the edge)
                # Cancelled: the service is shutting down, or the client left and reads nothing.
                failure = failure_of(error, self._metrics)
                await send(_part(OLLAMA.last_line(failure)))
            await send({"type": "http.response.body", "body": b""})


async def ndjson_response(source: AsyncGenerator[bytes], metrics: RequestMetrics) -> NDJSONResponse:
    """Wait for the first lines of `source`, so that an earlier failure is sent with its status."""
    return NDJSONResponse(await anext(source), source, metrics)


def _part(body: bytes) -> MutableMapping[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}
