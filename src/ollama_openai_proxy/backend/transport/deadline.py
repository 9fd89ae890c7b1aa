"""A single timer for all time limits of a request to the backend."""

import asyncio
import math


class Deadline:
    """Cancels the task that created it when a time limit expires.

    `start` sets a limit and `stop` removes it. In the common case neither touches the event loop's
    timer: it fires at the earliest limit that was set and rearms itself. Each chunk of a stream
    therefore costs two assignments instead of a new timer (`asyncio.timeout` costs about 3 µs).
    """

    __slots__ = ("_at", "_expired", "_fires_at", "_handle", "_loop", "_task")

    def __init__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (created inside a coroutine)
        self._task = task
        self._loop = task.get_loop()
        self._at = math.inf
        # uvloop rounds the timer's own time to milliseconds, so keep the exact value as well.
        self._fires_at = math.inf
        self._handle: asyncio.TimerHandle | None = None
        self._expired = False

    def start(self, seconds: float) -> None:
        """Expire in `seconds` from now, unless stopped or restarted before."""
        self._at = at = self._loop.time() + seconds
        if at < self._fires_at:
            if self._handle is not None:
                self._handle.cancel()
            self._arm(at)

    def stop(self) -> None:
        """Remove the limit."""
        self._at = math.inf

    def expired(self) -> bool:
        """Whether this deadline, and nothing else, caused the CancelledError that was just caught.

        Call this once, in the handler of a CancelledError raised after `start`.
        """
        if not self._expired:
            return False
        self._expired = False
        return self._task.uncancel() == 0

    def close(self) -> None:
        """Cancel the timer."""
        self._at = math.inf
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _arm(self, at: float) -> None:
        self._fires_at = at
        self._handle = self._loop.call_at(at, self._fire)

    def _fire(self) -> None:
        self._handle = None
        self._fires_at = math.inf
        if self._at == math.inf:
            return
        if self._loop.time() < self._at:
            self._arm(self._at)
            return
        self._expired = True
        self._task.cancel()
