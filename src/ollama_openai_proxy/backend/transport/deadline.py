"""One timer for all the time limits of a request to the backend."""

import asyncio
import math


class Deadline:
    """Cancels the task that made it when the backend takes too long.

    `start` sets a limit in seconds and `stop` lifts it. Neither touches the event loop's timer in
    the common case: the timer fires at the earliest limit that was set and rearms itself, so a
    stream pays two assignments a chunk and not a new timer (`asyncio.timeout` costs about 3 µs).
    """

    __slots__ = ("_at", "_expired", "_fires_at", "_handle", "_loop", "_task")

    def __init__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (made inside a coroutine)
        self._task = task
        self._loop = task.get_loop()
        self._at = math.inf
        # The timer's own time is rounded to milliseconds by uvloop, so ours is kept beside it.
        self._fires_at = math.inf
        self._handle: asyncio.TimerHandle | None = None
        self._expired = False

    def start(self, seconds: float) -> None:
        """Allow `seconds` from now."""
        self._at = at = self._loop.time() + seconds
        if at < self._fires_at:
            if self._handle is not None:
                self._handle.cancel()
            self._arm(at)

    def stop(self) -> None:
        """Lift the limit."""
        self._at = math.inf

    def expired(self) -> bool:
        """Whether a cancellation that was just caught was this deadline's and nobody else's.

        Call it once, in the handler of the CancelledError that `start` may cause.
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
