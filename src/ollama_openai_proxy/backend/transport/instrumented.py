"""A transport that reports the response time and status of each backend request."""

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
"""The status of a cancelled request: it timed out, or the client disconnected."""


class InstrumentedTransport:
    """Reports each request to `observer` once the response's head is received, or on failure."""

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
    """The metric label for `path`: a small fixed set, independent of the backend's base URL."""
    for known in _PATHS:
        if path.endswith(known):
            return known
    return f"{_MODEL}{{model}}" if _MODEL in path else "other"
