"""The network, watched: how long the backend takes to answer, and with which status."""

import asyncio
import time

import httpx

from ...telemetry import BackendAnswered, Observer, current
from ..failures import failure

_PATHS = (
    "/chat/completions", "/completions", "/embeddings", "/responses", "/messages",
    "/audio/transcriptions", "/models", "/props",
)  # fmt: skip
_MODEL = "/models/"
_CANCELLED = "cancelled"
"""The status of a request that was given up: it took too long, or the client left."""


class InstrumentedTransport(httpx.AsyncBaseTransport):
    """Gives each request the id of the one that it is made for, and tells how it was answered."""

    def __init__(self, transport: httpx.AsyncBaseTransport, observer: Observer) -> None:
        self._transport = transport
        self._observer = observer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer's head."""
        id_ = current().id
        if id_:
            request.headers["x-request-id"] = id_
        began = time.perf_counter_ns()
        duration = None
        try:
            response = await self._transport.handle_async_request(request)
            status = str(response.status_code)
            duration = time.perf_counter_ns() - began
        except asyncio.CancelledError:
            status = _CANCELLED
            raise
        except Exception as error:
            status = failure(error).kind
            raise
        finally:
            path = named(request.url.path)
            self._observer.backend_answered(
                BackendAnswered(path=path, status=status, duration=duration)
            )
        return response

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._transport.aclose()


def watched(observer: Observer, transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
    """The network, or what stands in for it."""
    return InstrumentedTransport(transport, observer)


def named(path: str) -> str:
    """What the metrics call a path: one of few, wherever the backend's URL begins."""
    for known in _PATHS:
        if path.endswith(known):
            return known
    return f"{_MODEL}{{model}}" if _MODEL in path else "other"
