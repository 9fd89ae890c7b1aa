"""The counts of each workload."""

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvloop
from pydantic import SecretStr

from ollama_openai_proxy.config.settings import Settings

from . import counters, driver, stand_in, workloads
from .budget import SIZES, Counts
from .counters import Allocations, Calls, Counter, Instructions, counting
from .driver import Exchange
from .stand_in import Iteration, StandIn, service
from .workloads import Workload

NATIVE, OPENAI = "/api/chat", "/v1/chat/completions"
GROWTH: dict[str, Callable[[int], list[Any]]] = {
    "messages": workloads.conversation,
    "capitalized-keys": workloads.capitalized,
    "empty-messages": workloads.empty,
    "tool-exchanges": workloads.tool_exchanges,
}
_NAMES: dict[type[Counter], str] = {
    Calls: "calls",
    Instructions: "instructions",
    Allocations: "allocations",
}
_WARM_UP = 3
_LENGTHS = (50, 250)
_SHORT_LENGTHS = (20, 60)
"""Fewer chunks for allocations, whose counter takes 12 µs per instruction."""
_OPEN = (10, 30)
_IGNORED = [__file__, *(module.__file__ or "" for module in (counters, driver, stand_in))]


class Meter:
    """Counts the work of a service for a request that it has already served once."""

    def __init__(self) -> None:
        self._backend = StandIn()
        # Ignore the environment: a developer's settings must not change the counts.
        settings = Settings.model_construct(
            backend_url="http://backend.test/v1",
            backend_key=SecretStr("sk-test-secret"),
            models_ttl=3600.0,
        )
        self._service = service(settings, self._backend)

    async def count(self, kind: type[Counter], workload: Workload) -> int:
        """The count of one request."""
        for _ in range(_WARM_UP):
            await self._exchange(workload)
        counter = kind(_IGNORED)
        exchange = self._prepared(workload)
        # A separate task, as in uvicorn: an awaiting caller would be resumed with the coroutine.
        task = asyncio.create_task(exchange.run())
        with counting(counter):
            await task
        exchange.check(workload.parts)
        return counter.total

    async def stream(
        self, kind: type[Counter], path: str, lengths: tuple[int, int]
    ) -> tuple[float, float]:
        """The count of a streamed chat without its chunks, and the count per chunk."""
        short, long = lengths
        of_short, of_long = [
            await self.count(kind, workloads.streamed_chat(path, length)) for length in lengths
        ]
        per_chunk = (of_long - of_short) / (long - short)
        return of_short - short * per_chunk, per_chunk

    async def open_stream(self) -> float:
        """Memory blocks that an open streamed chat uses while the backend is silent."""
        gate = asyncio.Event()
        response = workloads.stream(1)._replace(gate=gate)
        workload = workloads.streamed_chat(NATIVE, 1)
        workload = workload._replace(
            responses={**workload.responses, "/chat/completions": response}
        )
        exchanges: list[Exchange] = []
        tasks: list[asyncio.Task[None]] = []
        live: list[int] = []
        for streams in _OPEN:
            while len(exchanges) < streams:
                exchanges.append(self._prepared(workload))
                tasks.append(asyncio.create_task(exchanges[-1].run()))
            while not all(len(exchange.sent) > 1 for exchange in exchanges):
                await Iteration()
            gc.collect()
            live.append(sys.getallocatedblocks())
        gate.set()
        await asyncio.gather(*tasks)
        return (live[1] - live[0]) / (_OPEN[1] - _OPEN[0])

    async def _exchange(self, workload: Workload) -> None:
        exchange = self._prepared(workload)
        await exchange.run()
        exchange.check(workload.parts)

    def _prepared(self, workload: Workload) -> Exchange:
        self._backend.responses = dict(workload.responses)
        return Exchange(self._service, workload.path, workload.body)


async def requests(meter: Meter, kind: type[Counter]) -> Counts:
    """Counts of whole requests, and per chunk of streams."""
    lengths = _SHORT_LENGTHS if kind is Allocations else _LENGTHS
    native, native_chunk = await meter.stream(kind, NATIVE, lengths)
    openai, openai_chunk = await meter.stream(kind, OPENAI, lengths)
    counts = {
        "chat-whole": await meter.count(kind, workloads.whole_chat(NATIVE)),
        "chat-stream": native,
        "chat-chunk": native_chunk,
        "embed": await meter.count(kind, workloads.embed()),
        "v1-chat-whole": await meter.count(kind, workloads.whole_chat(OPENAI)),
        "v1-chat-stream": openai,
        "v1-chat-chunk": openai_chunk,
    }
    return {f"{row}.{_NAMES[kind]}": count for row, count in counts.items()}


async def growth(meter: Meter, kind: type[Counter]) -> Counts:
    """Counts of requests with many messages, and with twice as many."""
    return {
        f"{name}-{number}.{_NAMES[kind]}": await meter.count(
            kind, workloads.whole_chat(NATIVE, messages(number))
        )
        for name, messages in GROWTH.items()
        for number in SIZES
    }


async def _all() -> Counts:
    meter = Meter()
    counts: Counts = {}
    for kind in _NAMES:
        counts |= await requests(meter, kind)
    for kind in (Calls, Instructions):
        counts |= await growth(meter, kind)
    counts["chat-open-stream.blocks"] = await meter.open_stream()
    return {row: round(count, 1) for row, count in counts.items()}


@contextmanager
def conditions() -> Iterator[None]:
    """Set up everything that the counts depend on."""
    with driver.stepping_clock(), counters.without_collector():
        yield


def measured() -> Counts:
    """Measure all counts."""
    with conditions():
        # uvloop, as in production: the Python code of asyncio's own loop would be counted.
        return uvloop.run(_all())
