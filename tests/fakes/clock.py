"""Time under the control of a test."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from .limits import HANG

_PASSES = 50


class LoopClock:
    """The clock of the running event loop; it stands still unless a test moves it.

    While it stands still no timer fires, so what happens is a reaction to an event, such as a
    closed connection, and not to a poll or a deadline.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._real = loop.time
        self._now = loop.time()
        self._hung = False

    def __call__(self) -> float:
        return self._real() + HANG if self._hung else self._now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass: timers that are due fire in the next pass of the event loop."""
        self._now += seconds

    def hung(self) -> None:
        """Let the clock run again, past every deadline, so that a hanging test fails."""
        self._hung = True


@contextmanager
def loop_clock() -> Iterator[LoopClock]:
    """Stop the clock of the running event loop."""
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop)

    def hung() -> None:
        clock.hung()
        loop.call_soon_threadsafe(lambda: None)  # the loop may be asleep

    guard = threading.Timer(HANG, hung)
    guard.daemon = True
    guard.start()
    try:
        with patch.object(loop, "time", clock):
            yield clock
    finally:
        guard.cancel()


async def passes(count: int = _PASSES) -> None:
    """Let the event loop run everything that is ready, and what becomes ready by that.

    This is enough for tasks in this process that wait for each other, but not for sockets.
    """
    for _ in range(count):
        await asyncio.sleep(0)
