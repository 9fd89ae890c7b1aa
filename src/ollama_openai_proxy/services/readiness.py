"""Readiness: whether the backend responds and the service is not shutting down."""

import asyncio
import logging
from collections.abc import Callable

from ..backend import Backend
from ..errors import BackendRefused, BackendTimeout, BackendUnreachable, ProxyError
from ..lifecycle import Lifecycle
from ..telemetry import Observer

_log = logging.getLogger(__name__)
_CACHE_SECONDS = 3.0
"""Seconds for which a result is cached, so that frequent probes do not load the backend."""
_PATIENCE = 2.0
"""Seconds to wait for the backend's response."""
_UNSOLICITED = "the backend sent unsolicited data; each request to it now uses a new connection"
_SHUTTING_DOWN = "the service is shutting down"


class UnsolicitedData(Observer):
    """Remembers whether a backend sent data that no request asked for."""

    def __init__(self) -> None:
        self._seen = False

    def unsolicited_data(self) -> None:
        """Record the event."""
        self._seen = True

    def warnings(self) -> list[str]:
        """The warnings for `/readyz`."""
        return [_UNSOLICITED] if self._seen else []


class Readiness:
    """Checks the backend by requesting its model list, at most once every few seconds.

    A status below 500, or 501, shows that the backend works, except for 401: if the backend rejects
    our key, no request can succeed, unless clients send their own keys (`any_key`). A separate
    backend for embeddings is not checked.
    """

    def __init__(
        self,
        backend: Backend,
        lifecycle: Lifecycle,
        clock: Callable[[], float],
        *,
        any_key: bool = False,
        warnings: Callable[[], list[str]] = list,
    ) -> None:
        self._backend = backend
        self._lifecycle = lifecycle
        self._clock = clock
        self._any_key = any_key
        self.warnings = warnings
        """Returns problems that an operator should know about although requests can be served."""
        self._reason: str | None = None
        self._checked_at: float | None = None
        self._pending: asyncio.Task[None] | None = None

    async def reasons(self) -> list[str]:
        """Return the reasons why requests cannot be served; empty if they can."""
        if self._lifecycle.draining:
            return [_SHUTTING_DOWN]
        if self._checked_at is None or self._clock() - self._checked_at > _CACHE_SECONDS:
            if self._pending is None or self._pending.done():
                self._pending = asyncio.create_task(self._check())
            await asyncio.shield(self._pending)
        if self._lifecycle.draining:
            return [_SHUTTING_DOWN]
        return [] if self._reason is None else [self._reason]

    async def aclose(self) -> None:
        """Cancel a pending check."""
        if self._pending is not None:
            self._pending.cancel()
            await asyncio.gather(self._pending, return_exceptions=True)

    async def _check(self) -> None:
        reason, detail = None, ""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._backend.list_models()
        except TimeoutError:
            reason = "the backend did not respond in time"
        except ProxyError as failure:
            reason, detail = self._public_reason(failure), failure.message
        if reason is not None and reason != self._reason:
            _log.warning("not_ready reason=%r detail=%r", reason, detail)
        elif reason is None and self._reason is not None:
            _log.info("ready_again")
        self._reason, self._checked_at = reason, self._clock()

    def _public_reason(self, failure: ProxyError) -> str | None:
        """The reason for `/readyz`. It is public, so the backend's address is only in the log."""
        if isinstance(failure, BackendRefused):
            if failure.status == 401 and not self._any_key:
                return "the backend rejects our API key; check OPENAI_API_KEY"
            works = failure.status < 500 or failure.status == 501
            return None if works else f"the backend returns status {failure.status}"
        if isinstance(failure, BackendUnreachable):
            return "the backend is unreachable"
        if isinstance(failure, BackendTimeout):
            return "the backend did not respond in time"
        return "the backend sent an invalid response"
