"""Whether requests can be served: the backend answers, and we do not end."""

import asyncio
import logging
from collections.abc import Callable

from ..backend import Backend
from ..errors import BackendRefused, BackendTimeout, BackendUnreachable, ProxyError
from ..lifecycle import Lifecycle
from ..telemetry import Observer

_log = logging.getLogger(__name__)
_KEPT = 3.0
"""Seconds for which the backend's answer is good: however often we are asked, it is not."""
_PATIENCE = 2.0
"""Seconds for the backend to answer."""
_UNSOLICITED = (
    "the backend sent data that no request asked for; each request uses a new connection to it"
)
_ENDING = "the service is shutting down"


class UnsolicitedData(Observer):
    """Remembers that a backend sent data that no request asked for."""

    def __init__(self) -> None:
        self._seen = False

    def unsolicited_data(self) -> None:
        """Note it."""
        self._seen = True

    def warnings(self) -> list[str]:
        """For `/readyz`."""
        return [_UNSOLICITED] if self._seen else []


class Readiness:
    """Asks the backend for its list of models, at most once in a few seconds.

    A backend that refuses has answered, unless it does not know our key: then nothing will work,
    but where each client brings a key of its own (`any_key`). One for embeddings alone has no say.
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
        """What an operator should know although requests can be served."""
        self._reason: str | None = None
        self._asked: float | None = None
        self._flight: asyncio.Task[None] | None = None

    async def reasons(self) -> list[str]:
        """Why nothing can be served; none, if it can."""
        if self._lifecycle.draining:
            return [_ENDING]
        if self._asked is None or self._clock() - self._asked > _KEPT:
            if self._flight is None or self._flight.done():
                self._flight = asyncio.create_task(self._ask())
            await asyncio.shield(self._flight)
        if self._lifecycle.draining:
            return [_ENDING]
        return [] if self._reason is None else [self._reason]

    async def aclose(self) -> None:
        """Ends a question that is under way."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.gather(self._flight, return_exceptions=True)

    async def _ask(self) -> None:
        reason, detail = None, ""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._backend.list_models()
        except TimeoutError:
            reason = "the backend does not answer in time"
        except ProxyError as failure:
            reason, detail = self._judged(failure), failure.message
        if reason is not None and reason != self._reason:
            _log.warning("not ready: %s", f"{reason} ({detail})" if detail else reason)
        elif reason is None and self._reason is not None:
            _log.info("ready again")
        self._reason, self._asked = reason, self._clock()

    def _judged(self, failure: ProxyError) -> str | None:
        """What to say of it to anybody; where the backend is found stands in the log alone."""
        if isinstance(failure, BackendRefused):
            if failure.status == 401 and not self._any_key:
                return "the backend does not know our key"
            answers = failure.status < 500 or failure.status == 501
            return None if answers else f"the backend answers {failure.status}"
        if isinstance(failure, BackendUnreachable):
            return "the backend cannot be reached"
        if isinstance(failure, BackendTimeout):
            return "the backend does not answer in time"
        return "the backend's answer cannot be read"
