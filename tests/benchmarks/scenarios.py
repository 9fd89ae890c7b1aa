"""How each row is measured: one slice on one system."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

from . import canned, rows
from .dialect import RELEASE, Dialect, OpenAI, require
from .embed_check import EmbedCheck
from .load import Check, Load, drive, exchange, open_streams
from .process import Command, Server, serving
from .rows import Row

LISTED_MODELS = 1000
_TOKENS = 200
_HOLD = 60
_PROMPT_BYTES = 500_000

type Measures = dict[str, float]
"""Value by name of the row."""


@dataclass(frozen=True, slots=True)
class System:
    name: str
    dialect: Dialect
    command: Command
    server: Server
    backend_port: int


type Measure = Callable[[System, float], Awaitable[Measures]]
"""Measures a system. The second argument is the length of the slice in seconds."""


@dataclass(frozen=True, slots=True)
class Scenario:
    rows: tuple[Row, ...]
    measure: Measure
    site: str = "plain"
    """The kind of backend: plain, models or https."""
    pairs: int = 100
    """Maximum number of slices of each system in a round."""
    stretch: float = 1.0
    """Length of the slices as a multiple of the default."""
    warms_up: bool = True


def _closed(
    row: Row,
    traffic: Callable[[Dialect], tuple[bytes, Check]],
    connections: int = 32,
    chunks: int = 1,
    dialect: Dialect | None = None,
) -> Measure:
    """Each connection sends its next request as soon as it has the response."""

    async def measure(system: System, seconds: float) -> Measures:
        request, check = traffic(dialect or system.dialect)
        load = Load(connections, seconds)
        server = system.server
        outcome = await drive(server.port, request, check, load, server.cpu_seconds)
        return {row.name: outcome.cpu / outcome.responses / chunks * 1e6}

    return measure


def _chat(dialect: Dialect) -> tuple[bytes, Check]:
    return dialect.chat(), dialect.check_chat


def _prompt(dialect: Dialect) -> tuple[bytes, Check]:
    # The backend rejects a body that is shorter, so a prompt that was cut is noticed.
    prompt = f"bytes={_PROMPT_BYTES} " + "word " * (_PROMPT_BYTES // 5)
    return dialect.chat(prompt), dialect.check_chat


def _burst(dialect: Dialect) -> tuple[bytes, Check]:
    request = dialect.chat(f"tokens={_TOKENS} ", stream=True)
    return request, partial(dialect.check_stream, tokens=_TOKENS)


def _embed(model: str, dialect: Dialect) -> tuple[bytes, Check]:
    return dialect.embed(model), EmbedCheck(dialect, model)


def _models(dialect: Dialect) -> tuple[bytes, Check]:
    return dialect.models(), partial(dialect.check_models, number=LISTED_MODELS)


def _paced(row: Row, streams: int, rate: int) -> Measure:
    """CPU time per chunk while all streams are running; opening the streams does not count."""

    async def measure(system: System, seconds: float) -> Measures:
        pace = 1000 // rate
        requests = [
            system.dialect.chat(
                f"pace={pace} phase={index * pace // streams} hold={_HOLD} ", stream=True
            )
            for index in range(streams)
        ]
        async with open_streams(system.server.port, requests) as connections:
            await asyncio.sleep(2 * pace / 1000)  # the first two tokens may be close together
            cpu = system.server.cpu_seconds()
            tokens = sum(connection.tokens for connection in connections)
            await asyncio.sleep(seconds)
            cpu = system.server.cpu_seconds() - cpu
            tokens = sum(connection.tokens for connection in connections) - tokens
            await exchange(system.backend_port, RELEASE)
            for connection in connections:
                response = await connection.response()
                system.dialect.check_stream(response, connection.tokens)
        return {row.name: cpu / tokens * 1e6}

    return measure


async def _first_token(system: System, seconds: float) -> Measures:
    request = system.dialect.chat("pace=2 tokens=4 ", stream=True)
    check = partial(system.dialect.check_stream, tokens=4)
    server = system.server
    outcome = await drive(server.port, request, check, Load(1, seconds), server.cpu_seconds)
    return {rows.FIRST_TOKEN.name: median(outcome.first_tokens) * 1e3}


async def _start(system: System, _: float) -> Measures:
    """CPU time and memory of a new process; an earlier start has compiled the modules.

    The first response is the end of the start: a socket may accept connections long before that.
    """
    async with serving(system.command) as server:
        response = await exchange(server.port, system.dialect.ping())
        cpu = server.cpu_seconds()
        require(response.status == 200, f"status {response.status}", response)
        await asyncio.sleep(0.3)  # other tasks of the start may still be running
        return {rows.START.name: cpu, rows.RSS_START.name: server.resident_megabytes()}


async def _memory(system: System, _: float) -> Measures:
    """Memory of a new process, which other rows have not enlarged."""
    measures = {}
    request = system.dialect.chat(f"hold={_HOLD} ", stream=True)
    async with serving(system.command) as server:
        for row, number in ((rows.RSS_200, 200), (rows.RSS_2000, 2000)):
            async with open_streams(server.port, [request] * number) as connections:
                await asyncio.sleep(0.2)
                measures[row.name] = server.resident_megabytes()
                await exchange(system.backend_port, RELEASE)
                for connection in connections:
                    system.dialect.check_stream(await connection.response(), 1)
    return measures


def _scenarios() -> list[Scenario]:
    r = rows
    unit, unscaled = partial(_embed, canned.MODEL), partial(_embed, canned.UNSCALED_MODEL)
    passed_on = _closed(r.PASSTHROUGH, _chat, dialect=OpenAI())
    paced = ((r.PACED_1, 1, 100), (r.PACED_32, 32, 20), (r.PACED_200, 200, 20))
    return [
        Scenario((r.CHAT_1,), _closed(r.CHAT_1, _chat, 1)),
        Scenario((r.CHAT_32,), _closed(r.CHAT_32, _chat)),
        Scenario((r.HTTPS,), _closed(r.HTTPS, _chat), "https"),
        Scenario((r.PASSTHROUGH,), passed_on),
        Scenario((r.PROMPT,), _closed(r.PROMPT, _prompt, 4)),
        Scenario((r.BURST,), _closed(r.BURST, _burst, chunks=_TOKENS)),
        *(Scenario((row,), _paced(row, *load), pairs=3, stretch=2.5) for row, *load in paced),
        Scenario((r.EMBED_UNIT,), _closed(r.EMBED_UNIT, unit, 4)),
        Scenario((r.EMBED_SCALED,), _closed(r.EMBED_SCALED, unscaled, 4)),
        Scenario((r.MODELS,), _closed(r.MODELS, _models, 4), "models"),
        Scenario((r.FIRST_TOKEN,), _first_token),
        Scenario((r.START, r.RSS_START), _start, pairs=2, warms_up=False),
        Scenario((r.RSS_200, r.RSS_2000), _memory, pairs=1, warms_up=False),
    ]


def scenarios(selected: Sequence[Row]) -> list[Scenario]:
    """The scenarios that measure the rows."""
    each = ((s, tuple(row for row in s.rows if row in selected)) for s in _scenarios())
    return [replace(scenario, rows=kept) for scenario, kept in each if kept]
