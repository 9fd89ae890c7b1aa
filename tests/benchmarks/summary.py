"""What the rounds say: dropped rounds, ratios, and intervals."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, median_low
from typing import Literal, Self

from .machine import BUSY

RELAY, DIRECT = "relay", "direct"
DRIFT = 0.15
"""How far the relay may be from its median before a round is dropped."""
_SAMPLES = 10_000

type Reason = Literal["busy", "drift"]


@dataclass(frozen=True, slots=True)
class Round:
    """One row in one round."""

    values: Mapping[str, Sequence[float]]
    """By system, in the order of the slices: those with the same index were close in time."""
    others: float
    """Cores that other processes used meanwhile."""

    def value(self, system: str, *, added: bool = False) -> float:
        """Median of the slices; if `added`, of what they exceed the direct ones by."""
        slices = self.values[system]
        if added:
            direct = self.values[DIRECT]
            return median(ours - floor for ours, floor in zip(slices, direct, strict=True))
        return median(slices)

    def ratio(self, above: str, below: str) -> float:
        """Median of the ratios of neighbouring slices, in which slow drift cancels out."""
        pairs = zip(self.values[above], self.values[below], strict=True)
        return median(one / other for one, other in pairs)


def dropped(rounds: Sequence[Round], *, force: bool = False) -> list[Reason | None]:
    """Why each round is dropped; None for those that count.

    `force` ignores other processes. Drift is judged among the rounds that were not busy; at least
    one of them always remains.
    """
    busy = [not force and each.others > BUSY for each in rounds]
    relay = [each.value(RELAY) for each in rounds]
    quiet = [value for value, disturbed in zip(relay, busy, strict=True) if not disturbed]
    # The lower of two middle values is a measured one, hence never dropped itself.
    middle = median_low(quiet) if quiet else 0.0
    reasons: list[Reason | None] = []
    for value, disturbed in zip(relay, busy, strict=True):
        drifted = abs(value - middle) > DRIFT * middle
        reasons.append("busy" if disturbed else "drift" if drifted else None)
    return reasons


def kept(rounds: Sequence[Round], *, force: bool = False) -> list[Round]:
    reasons = dropped(rounds, force=force)
    return [each for each, reason in zip(rounds, reasons, strict=True) if reason is None]


@dataclass(frozen=True, slots=True)
class Spread:
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        return cls(median(values), min(values), max(values))


def ratio_of_medians(pairs: Sequence[tuple[float, float]]) -> float:
    return median(head for head, _ in pairs) / median(base for _, base in pairs)


def comparison(pairs: Sequence[tuple[float, float]]) -> Spread:
    """Ratio of the medians of (head, base), with its 95 % confidence interval.

    A percentile bootstrap: rounds are drawn with both of their values, since these were measured
    close in time. The seed is fixed, so the same rounds give the same interval.
    """
    source = random.Random(0)
    drawn = sorted(ratio_of_medians(source.choices(pairs, k=len(pairs))) for _ in range(_SAMPLES))
    low, high = drawn[round(0.025 * (_SAMPLES - 1))], drawn[round(0.975 * (_SAMPLES - 1))]
    return Spread(ratio_of_medians(pairs), low, high)
