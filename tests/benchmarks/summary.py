"""Statistics over rounds: dropped rounds, ratios and intervals."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import inf, sqrt
from statistics import median, median_low
from typing import Literal, Self

from .machine import BUSY

RELAY, DIRECT = "relay", "direct"
DRIFT = 0.15
"""A round is dropped if the relay deviates from its median by more than this fraction."""
_SAMPLES = 2_000
_FEWEST = 5
"""Minimum rounds for an interval: the range of four values covers the median in only 7 of 8 cases."""

type Reason = Literal["busy", "drift"]


@dataclass(frozen=True, slots=True)
class Round:
    """One row in one round."""

    values: Mapping[str, Sequence[float]]
    """Values by system. Slices with the same index were measured directly after each other."""
    others: float
    """Cores that other processes used during the round."""
    stolen: float = 0.0
    """Cores that the hypervisor gave to other machines during the round."""

    def value(self, system: str, *, added: bool = False) -> float:
        """Median of the slices; with `added`, of their differences to the direct slices."""
        slices = self.values[system]
        if added:
            direct = self.values[DIRECT]
            return median(ours - floor for ours, floor in zip(slices, direct, strict=True))
        return median(slices)

    def ratio(self, above: str, below: str, *, added: bool = False) -> float:
        """Median of the ratios of neighbouring slices, in which slow drift cancels out.

        Added values are small differences of large ones, so theirs is the ratio of the medians; it
        is infinite if the lower one is lost in the noise.
        """
        if added:
            floor = self.value(below, added=True)
            return max(self.value(above, added=True), 0.0) / floor if floor > 0 else inf
        pairs = zip(self.values[above], self.values[below], strict=True)
        return median(one / other for one, other in pairs)


def dropped(rounds: Sequence[Round], *, force: bool = False) -> list[Reason | None]:
    """The reason why each round is dropped, or None for rounds that count.

    `force` ignores other processes. Drift is judged among the rounds that were not busy; at least
    one of them always remains.
    """
    busy = [not force and each.others > BUSY for each in rounds]
    relay = [each.value(RELAY) for each in rounds]
    quiet = [value for value, disturbed in zip(relay, busy, strict=True) if not disturbed]
    # The lower median is a measured value, so at least this round is not dropped.
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


def hodges_lehmann(ratios: Sequence[float]) -> float:
    """Median of the geometric means of all pairs, each value with itself included.

    As robust as needed here, and less scattered than the median of few values.
    """
    means = [sqrt(a * b) for a, b in combinations_with_replacement(ratios, 2)]
    return median(means)


def interval(ratios: Sequence[float]) -> Spread:
    """Estimate of the ratio from one value per round, with its 95 % confidence interval.

    A percentile bootstrap over rounds. The seed is fixed, so the same rounds give the same
    interval. With too few rounds the interval is unbounded.
    """
    estimate = hodges_lehmann(ratios)
    if len(ratios) < _FEWEST:
        return Spread(estimate, 0.0, inf)
    source = random.Random(0)
    drawn = sorted(hodges_lehmann(source.choices(ratios, k=len(ratios))) for _ in range(_SAMPLES))
    low, high = drawn[round(0.025 * (_SAMPLES - 1))], drawn[round(0.975 * (_SAMPLES - 1))]
    return Spread(estimate, low, high)
