"""Interleaving, rotation and repetition of slices, with fake measurements."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from . import rounds
from .dialect import OpenAI
from .machine import Usage
from .process import Command, Server
from .rounds import Bench, Effort
from .rows import CHAT_32
from .scenarios import Measures, Scenario, System
from .summary import DIRECT, RELAY


def system(name: str) -> System:
    command = Command([], set(), Path())
    return System(name, OpenAI(), command, cast("Server", None), 0)


class Machine:
    """Returns the given relay values and loads in order, and then repeats the last one."""

    def __init__(self, relay: list[float], others: list[float]) -> None:
        self.order: list[str] = []
        self._relay = relay
        self._others = others
        self._clock: Iterator[Usage] = self._usages()

    async def measure(self, system: System, _: float) -> Measures:
        self.order.append(system.name)
        value = 300.0
        if system.name == RELAY:
            value = self._relay.pop(0) if len(self._relay) > 1 else self._relay[0]
        return {CHAT_32.name: value}

    def _usages(self) -> Iterator[Usage]:
        while True:
            others = self._others.pop(0) if len(self._others) > 1 else self._others[0]
            yield Usage(0.0, 0.0, 0.0)
            yield Usage(1.0, others, 0.0)

    def usage(self) -> Usage:
        return next(self._clock)


async def run(
    monkeypatch: pytest.MonkeyPatch,
    relay: list[float],
    others: list[float],
    effort: Effort,
    force: bool = False,
) -> tuple[Machine, rounds.History]:
    machine = Machine(relay, others)
    monkeypatch.setattr(rounds, "usage", machine.usage)
    systems = [system(name) for name in (DIRECT, "proxy", RELAY)]
    scenario = Scenario((CHAT_32,), machine.measure, warms_up=False)
    bench = Bench({"plain": systems}, effort, force, lambda _: None)
    return machine, await bench.run([scenario])


async def test_slices_alternate_and_each_round_starts_with_another_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine, history = await run(monkeypatch, [100.0], [0.0], Effort(rounds=2, pairs=2))
    assert machine.order == ["proxy", RELAY] * 2 + [RELAY, "proxy"] * 2
    assert [dict(each.values) for each in history[CHAT_32.name]] == [
        {"proxy": [300.0, 300.0], RELAY: [100.0, 100.0]}
    ] * 2


async def test_a_disturbed_round_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    effort = Effort(rounds=3, pairs=1)
    _, drifted = await run(monkeypatch, [100.0, 200.0, 100.0], [0.0], effort)
    assert len(drifted[CHAT_32.name]) == 4
    _, busy = await run(monkeypatch, [100.0], [0.0, 0.5, 0.5, 0.0], effort)
    assert [each.others for each in busy[CHAT_32.name]] == [0.0, 0.5, 0.5, 0.0, 0.0]


async def test_repetitions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    effort = Effort(rounds=3, pairs=1)
    _, history = await run(monkeypatch, [100.0], [0.0, 0.5], effort)
    assert len(history[CHAT_32.name]) == 5


async def test_other_processes_are_ignored_if_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    effort = Effort(rounds=1, pairs=1)
    _, history = await run(monkeypatch, [100.0], [0.5], effort)
    assert len(history[CHAT_32.name]) == 2
    _, history = await run(monkeypatch, [100.0], [0.5], effort, force=True)
    assert len(history[CHAT_32.name]) == 1
