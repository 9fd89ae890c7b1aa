"""Clocks that a test controls."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch

from .limits import HANG

_PASSES = 50


class LoopClock:
    """The clock of an event loop, stopped until a test advances it.

    No timer fires while the clock is stopped. Anything that happens is therefore a reaction to an
    event, such as a closed connection, and not to a poll or a deadline.
    """

    def __init__(self, real: Callable[[], float]) -> None:
        self._real = real
        self._stopped_at: float | None = real()
        self._ahead = 0.0
        self._hung = False

    def __call__(self) -> float:
        return (self._real() if self._stopped_at is None else self._stopped_at) + self._ahead

    def advance(self, seconds: float) -> None:
        """Advance the clock. Timers that are due fire in the next pass of the event loop."""
        self._ahead += seconds

    async def pass_until[T](self, result: Awaitable[T], seconds: float) -> T:
        """Await `result`, advancing the clock by `seconds` again and again until it is done."""
        waiting = asyncio.ensure_future(result)
        while not waiting.done():
            if self._hung:
                waiting.cancel()
                raise TimeoutError("nothing happened, however far the clock was advanced")
            self.advance(seconds)
            await passes()
        return await waiting

    def hung(self) -> None:
        """Start the clock and advance it past every deadline, so that a hanging test fails."""
        self._hung = True
        self.run()
        self.advance(HANG)

    def run(self) -> None:
        """Follow the real clock again, without going back: timers may depend on advanced time."""
        self._stopped_at = None


@contextmanager
def loop_clock() -> Iterator[LoopClock]:
    """Stop the clock of the running event loop inside the context."""
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop.time)

    def hung() -> None:
        clock.hung()
        loop.call_soon_threadsafe(lambda: None)  # the loop may be asleep

    guard = threading.Timer(HANG, hung)
    guard.daemon = True
    guard.start()
    patch.object(loop, "time", clock).start()  # for the remaining lifetime of the loop
    try:
        yield clock
    finally:
        guard.cancel()
        clock.run()


def clock_of(monotonic: Callable[[], float]) -> SimpleNamespace:
    """A replacement for the module `time`, with `monotonic` as its monotonic clock."""
    return SimpleNamespace(
        monotonic=monotonic, time_ns=time.time_ns, monotonic_ns=time.monotonic_ns
    )


async def passes(count: int = _PASSES) -> None:
    """Let the event loop run everything that is ready or becomes ready as a result.

    This suffices for tasks in this process that wait for each other, but not for sockets.
    """
    for _ in range(count):
        await asyncio.sleep(0)
