"""A transport that reports how long the backend takes to respond, and with which status."""

import asyncio
import time
from urllib.parse import urlsplit

from ...errors import ProxyError
from ...telemetry import BackendAnswered, Observer
from ...v1_routes import V1_ROUTES
from .seam import BackendRequest, BackendResponse, Transport

_PATHS = (*(route.path for route in V1_ROUTES if "{" not in route.path), "/props")
_MODEL = "/models/"
_CANCELLED = "cancelled"
"""The status of a request that was cancelled: it took too long, or the client disconnected."""


class InstrumentedTransport:
    """Reports each request to `observer` when the response's head is there, or has failed."""

    def __init__(self, transport: Transport, observer: Observer) -> None:
        self._transport = transport
        self._observer = observer

    async def send(self, request: BackendRequest) -> BackendResponse:
        """See Transport."""
        began = time.perf_counter_ns()
        duration = None
        status = "proxy_error"
        try:
            response = await self._transport.send(request)
            status = str(response.status)
            duration = time.perf_counter_ns() - began
        except asyncio.CancelledError:
            status = _CANCELLED
            raise
        except ProxyError as error:
            status = error.kind
            raise
        finally:
            path = named(urlsplit(request.url).path)
            self._observer.backend_answered(
                BackendAnswered(path=path, status=status, duration=duration)
            )
        return response

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.close()


def named(path: str) -> str:
    """What the metrics call a path: one of few, wherever the backend's URL begins."""
    for known in _PATHS:
        if path.endswith(known):
            return known
    return f"{_MODEL}{{model}}" if _MODEL in path else "other"
