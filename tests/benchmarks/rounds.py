"""Interleaved rounds: short slices of all systems in turn, repeated where they were disturbed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .machine import usage
from .scenarios import Measures, Scenario, System
from .summary import DIRECT, Round, kept

_WARM_UP = 0.2

type History = dict[str, list[Round]]
"""All rounds by name of the row, including disturbed ones."""


@dataclass(frozen=True, slots=True)
class Effort:
    rounds: int = 5
    seconds: float = 0.3
    """Length of a slice. In short slices, a disturbance rarely affects adjacent ones."""
    pairs: int = 8
    """Slices of each system in a round."""

    @property
    def repetitions(self) -> int:
        """Maximum number of additional rounds for disturbed rows."""
        return (self.rounds + 1) // 2


QUICK = Effort(rounds=1, seconds=0.2, pairs=1)
COMPARISON = Effort(rounds=12, pairs=3)
"""More and shorter rounds, because the confidence interval is computed over rounds."""


@dataclass(frozen=True, slots=True)
class Bench:
    sites: Mapping[str, Sequence[System]]
    effort: Effort
    force: bool
    progress: Callable[[str], None]

    async def run(self, scenarios: Sequence[Scenario]) -> History:
        history: History = {row.name: [] for scenario in scenarios for row in scenario.rows}
        for scenario in scenarios:
            if scenario.warms_up:
                for system in self._systems(scenario):
                    await scenario.measure(system, _WARM_UP)
        for number in range(self.effort.rounds + self.effort.repetitions):
            wanted = [each for each in scenarios if self._lacks(each, history)]
            if not wanted:
                break
            self._announce(number, wanted)
            for scenario in wanted:
                for name, measured in (await self._round(scenario, number)).items():
                    history[name].append(measured)
        return history

    def _announce(self, number: int, wanted: Sequence[Scenario]) -> None:
        rounds = self.effort.rounds
        if number < rounds:
            self.progress(f"round {number + 1} of {rounds}")
        else:
            names = ", ".join(row.name for scenario in wanted for row in scenario.rows)
            most = self.effort.repetitions
            self.progress(f"repetition {number - rounds + 1} of at most {most}: {names}")

    def _lacks(self, scenario: Scenario, history: History) -> bool:
        return any(
            len(kept(history[row.name], force=self.force)) < self.effort.rounds
            for row in scenario.rows
        )

    def _systems(self, scenario: Scenario) -> list[System]:
        added = any(row.added for row in scenario.rows)
        systems = self.sites[scenario.site]
        return [system for system in systems if added or system.name != DIRECT]

    async def _round(self, scenario: Scenario, number: int) -> dict[str, Round]:
        systems = self._systems(scenario)
        shift = number % len(systems)
        order = systems[shift:] + systems[:shift]
        seconds = self.effort.seconds * scenario.stretch
        slices: dict[str, list[Measures]] = {system.name: [] for system in systems}
        before = usage()
        for _ in range(min(self.effort.pairs, scenario.pairs)):
            for system in order:
                slices[system.name].append(await scenario.measure(system, seconds))
        after = usage()
        others, stolen = after.others_since(before), after.stolen_since(before)
        return {
            row.name: Round(
                {name: [each[row.name] for each in found] for name, found in slices.items()},
                others,
                stolen,
            )
            for row in scenario.rows
        }
