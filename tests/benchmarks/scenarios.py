"""What is measured, each scenario once a round on each system."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

from .dialect import RELEASE, Dialect, EmbedCheck
from .load import Answer, Load, Outcome, drive, exchange, open_streams
from .process import Server

CONNECTIONS = 32
TOKENS = 200
PACE = 5

type Measures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Effort:
    seconds: float = 2.0
    paced_seconds: float = 1.6
    """How long paced streams are begun; each lasts a second more."""
    streams: int = 200
    rounds: int = 3


QUICK = Effort(seconds=0.5, paced_seconds=0.4, rounds=1)


@dataclass(frozen=True, slots=True)
class System:
    name: str
    dialect: Dialect
    server: Server
    backend_port: int

    async def drive(
        self, request: bytes, check: Callable[[Answer], None], load: Load
    ) -> tuple[Outcome, float]:
        """And the server's CPU microseconds for each answer."""
        before = self.server.cpu_seconds()
        outcome = await drive(self.server.port, request, check, load)
        return outcome, (self.server.cpu_seconds() - before) / outcome.answers * 1e6

    async def drive_streams(self, prompt: str, tokens: int, load: Load) -> tuple[Outcome, float]:
        request = self.dialect.chat(f"tokens={tokens} {prompt}", stream=True)
        check = partial(self.dialect.check_stream, tokens=tokens)
        return await self.drive(request, check, load)


async def whole_chat(system: System, effort: Effort) -> Measures:
    request, check = system.dialect.chat(), system.dialect.check_chat
    outcome, cpu = await system.drive(request, check, Load(CONNECTIONS, effort.seconds))
    return {"chat_rate": outcome.answers / outcome.seconds, "chat_cpu": cpu}


async def burst(system: System, effort: Effort) -> Measures:
    outcome, cpu = await system.drive_streams("", TOKENS, Load(CONNECTIONS, effort.seconds))
    return {
        "burst_rate": outcome.answers * TOKENS / outcome.seconds,
        "burst_cpu": cpu / TOKENS,
    }


async def paced(system: System, effort: Effort) -> Measures:
    # Requests that came together would wait for one another, and tell nothing of a token's way.
    load = Load(CONNECTIONS, effort.paced_seconds, stagger=0.012)
    outcome, cpu = await system.drive_streams(f"pace={PACE}", TOKENS, load)
    return {
        "paced_cpu": cpu / TOKENS,
        "first_token_many": median(outcome.first_tokens) * 1e3,
    }


async def single(system: System, effort: Effort) -> Measures:
    """One connection; a stream just long enough for the first token to travel alone."""
    outcome, _ = await system.drive_streams("pace=2", 4, Load(1, effort.seconds))
    return {"first_token_one": median(outcome.first_tokens) * 1e3}


async def embed(system: System, effort: Effort) -> Measures:
    check = EmbedCheck(system.dialect.vectors)
    load = Load(CONNECTIONS, effort.seconds)
    outcome, cpu = await system.drive(system.dialect.embed(), check, load)
    return {"embed_rate": outcome.answers / outcome.seconds, "embed_cpu": cpu}


async def memory(system: System, effort: Effort) -> Measures:
    request = system.dialect.chat("tokens=2 hold=30", stream=True)
    streams = await open_streams(system.server.port, request, effort.streams)
    try:
        await asyncio.sleep(0.2)
        megabytes = system.server.resident_megabytes()
        await exchange(system.backend_port, RELEASE)
        for stream in streams:
            system.dialect.check_stream(await stream.answer(), 2)
    finally:
        for stream in streams:
            stream.close()
    return {"memory_streams": megabytes}


type Scenario = Callable[[System, Effort], Awaitable[Measures]]

SCENARIOS: tuple[Scenario, ...] = (single, paced, whole_chat, burst, embed, memory)
LATENCIES: tuple[Scenario, ...] = (single, paced)
"""These are measured without a system in between, too."""


async def warm_up(system: System) -> None:
    """Also the check that every answer is right before anything is timed."""
    load = Load(CONNECTIONS, 0.1)
    await system.drive(system.dialect.chat(), system.dialect.check_chat, load)
    await system.drive_streams("", TOKENS, load)
    await system.drive(system.dialect.embed(), EmbedCheck(system.dialect.vectors), load)


async def measure(
    scenario: Scenario, backend: System, systems: list[System], effort: Effort
) -> dict[str, Measures]:
    """Of one round, by system; latencies are those that a system adds."""
    direct = await scenario(backend, effort) if scenario in LATENCIES else {}
    measured = {}
    for system in systems:
        measures = await scenario(system, effort)
        for key in measures.keys() & direct.keys() & {"first_token_one", "first_token_many"}:
            measures[key] -= direct[key]
        measured[system.name] = measures
    return measured
