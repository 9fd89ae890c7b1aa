"""The results as tables in GitHub's Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from .rounds import History
from .rows import Row
from .summary import RELAY, Reason, Round, Spread, dropped, interval, kept

PROXY, BASE, HEAD = "proxy", "base", "head"

type Verdict = Literal["yes", "no", "unclear"]


@dataclass(frozen=True, slots=True)
class Result:
    """One row over all rounds."""

    row: Row
    rounds: Sequence[Round]
    reasons: Sequence[Reason | None]
    """The reason why each round is dropped, or None."""

    @property
    def kept(self) -> list[Round]:
        pairs = zip(self.rounds, self.reasons, strict=True)
        return [each for each, reason in pairs if reason is None]

    def value(self, system: str) -> Spread:
        return Spread.of([each.value(system, added=self.row.added) for each in self.kept])

    def ratio(self) -> Spread | None:
        """The ratio to the relay. None for added values, as the relay's is too close to zero."""
        if self.row.added:
            return None
        return Spread.of([each.ratio(PROXY, RELAY) for each in self.kept])

    def comparison(self) -> Spread:
        added = self.row.added
        return interval([each.ratio(HEAD, BASE, added=added) for each in self.kept])

    def meets_goal(self) -> bool:
        if self.row.goal is None:
            return True
        ratio = self.ratio() if self.row.goal_for == "ratio" else None
        measured = ratio or self.value(PROXY)
        return measured.median <= self.row.goal


def results(rows: Sequence[Row], history: History, *, force: bool) -> list[Result]:
    rounds = [history[row.name] for row in rows]
    return [
        Result(row, each, dropped(each, force=force))
        for row, each in zip(rows, rounds, strict=True)
        if kept(each, force=force)
    ]


def _line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _table(head: Sequence[str], lines: Sequence[str]) -> str:
    return "\n".join([_line(*head), "|---" + "|--:" * (len(head) - 1) + "|", *lines])


def _number(value: float, row: Row) -> str:
    return f"{value:,.{row.digits}f}"


def _rounds(result: Result) -> str:
    lost = len(result.rounds) - len(result.kept)
    return f"{len(result.kept)}" + (f" ({lost} dropped)" if lost else "")


def _goal(result: Result) -> str:
    row = result.row
    if row.goal is None:
        return ""
    unit = f" {row.unit}" if row.goal_for == "value" else ""
    return f"≤ {row.goal:g}{unit}: {'met' if result.meets_goal() else 'missed'}"


def _values(result: Result, systems: Sequence[str]) -> list[str]:
    return [_number(result.value(system).median, result.row) for system in systems]


def ratios_table(found: Sequence[Result]) -> str:
    systems = (PROXY, RELAY)
    lines = []
    for result in found:
        ratio = result.ratio()
        cells = (f"{ratio.median:.2f}", f"{ratio.low:.2f}–{ratio.high:.2f}") if ratio else ("", "")
        row = result.row
        values = _values(result, systems)
        lines.append(_line(row.label, *cells, _goal(result), *values, row.unit, _rounds(result)))
    head = ("row", "proxy / relay", "min–max", "goal", *systems, "unit", "rounds")
    return _table(head, lines)


def verdict(spread: Spread, limit: float) -> Verdict:
    """Whether head is within the limit; `unclear` if the interval contains the limit."""
    if spread.high <= limit:
        return "yes"
    return "no" if spread.low > limit else "unclear"


def comparison_table(found: Sequence[Result], limit: float) -> str:
    systems = (BASE, HEAD, RELAY)
    lines = []
    for result in found:
        spread = result.comparison()
        known = isfinite(spread.high)
        bounds = f"{spread.low:.3f}–{spread.high:.3f}" if known else "too few rounds"
        cells = (f"{spread.median:.3f}", bounds, verdict(spread, limit))
        row = result.row
        lines.append(_line(row.label, *cells, *_values(result, systems), row.unit, _rounds(result)))
    head = ("row", "head / base", "95 % interval", f"≤ {limit:g}", *systems, "unit", "rounds")
    return _table(head, lines)


def missed(found: Sequence[Result]) -> list[str]:
    """Names of the rows that miss their goal."""
    return [result.row.name for result in found if not result.meets_goal()]


def exceeding(found: Sequence[Result], limit: float) -> list[str]:
    """Names of the rows whose interval reaches above the limit."""
    return [result.row.name for result in found if result.comparison().high > limit]
