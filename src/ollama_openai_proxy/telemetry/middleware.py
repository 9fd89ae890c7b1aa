"""Outermost ASGI layer: assigns request ids and reports finished requests to the observers."""

import re
import secrets
import time
from itertools import count
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from .observers import Observers
from .request_metrics import RequestMetrics, measure

# Ids that are safe in headers and log lines.
_USABLE = re.compile(rb"[A-Za-z0-9._-]{1,128}")
# Makes ids unique among processes.
_PROCESS = secrets.token_hex(6)
_numbers = count(1)


class TelemetryMiddleware:
    """Records telemetry of each HTTP request."""

    def __init__(self, app: ASGIApp, observers: Observers) -> None:
        self._app = app
        self._observers = observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, and report it to the observers even if it fails."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        metrics = RequestMetrics(
            request_id(scope["headers"]), time.perf_counter_ns, self._observers
        )
        measure(scope, metrics)
        try:
            await self._app(scope, receive, metrics.instrument(send))
        finally:
            client: Any = scope.get("client")
            self._observers.request_finished(
                metrics.finish(scope["method"], scope["path"], client[0] if client else None)
            )


def request_id(headers: list[tuple[bytes, bytes]]) -> str:
    """The client's `x-request-id` if it is usable, else a new id that is unique among processes."""
    for name, value in headers:
        if name == b"x-request-id" and _USABLE.fullmatch(value):
            return value.decode()
    return f"{_PROCESS}-{next(_numbers):06x}"
