"""The committed counts, and their comparison with measured ones."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Literal, NamedTuple

type Counts = dict[str, float]
"""Counts by row. A row is a workload and a unit: `chat-whole.calls`."""
type Verdict = Literal["kept", "exceeded", "loose", "missing", "obsolete", "superlinear"]

SIZES = (100, 200)
"""Number of messages (or tool exchanges) in the two requests that show how the work grows. Their
rows contain the size: `messages-100.calls`."""
_LOOSE = 0.10
"""A budget that exceeds the count by more than this fraction is reported as too high."""
_HARMLESS: tuple[Verdict, ...] = ("kept", "loose")
_HEADER = """\
# Work of a request, counted by scripts/hot-path with Python {python}; see tests/hot_path/__init__.py.
# `scripts/hot-path --update` writes the counts. The message of a commit that raises one gives the
# reason.
"""
_REMEDY = (
    "Reduce the work, or run `scripts/hot-path --update` and give the reason for each increase in "
    "the commit message."
)


class Budget(NamedTuple):
    """The committed budgets and limits.

    `tolerance` is the fraction by which a count may exceed its budget, by unit. `growth` is the
    maximum ratio between the counts of the two sizes.
    """

    growth: float
    tolerance: Mapping[str, float]
    counts: Counts


class Finding(NamedTuple):
    """A row's budget and measured count. `limit` is the tolerance or the maximum ratio."""

    verdict: Verdict
    row: str
    budget: float
    measured: float
    limit: float

    @property
    def fails(self) -> bool:
        """Whether this finding makes the check fail."""
        return self.verdict not in _HARMLESS


def parse(text: str) -> Budget:
    """Parse a budget from TOML."""
    document = tomllib.loads(text)
    growth, tolerance = document.pop("growth"), document.pop("tolerance")
    counts = {
        f"{workload}.{unit}": count
        for workload, units in document.items()
        for unit, count in units.items()
    }
    return Budget(growth, tolerance, counts)


def render(budget: Budget, python: str) -> str:
    """Format a budget as TOML for `parse`: one line per row, so that a diff shows each change."""
    lines = [_HEADER.format(python=python), f"growth = {budget.growth:g}", "", "[tolerance]"]
    lines += [f"{unit} = {share:g}" for unit, share in budget.tolerance.items()]
    order = list(dict.fromkeys(map(_workload, budget.counts)))
    rows = sorted(budget.counts, key=lambda row: order.index(_workload(row)))
    for workload, group in groupby(rows, _workload):
        lines += ["", f"[{workload}]"]
        lines += [f"{_unit(row)} = {_plain(budget.counts[row])}" for row in group]
    return "\n".join(lines) + "\n"


def compare(budget: Budget, measured: Mapping[str, float]) -> list[Finding]:
    """A finding for each row, then one for each row that grows faster than its input."""
    findings = [
        _compared(row, budget.counts.get(row), measured.get(row), budget.tolerance[_unit(row)])
        for row in {**measured, **budget.counts}
    ]
    return findings + list(_superlinear(budget.growth, measured))


def report(findings: Iterable[Finding]) -> str:
    """A line for each finding that needs attention, followed by instructions."""
    findings = [finding for finding in findings if finding.verdict != "kept"]
    lines = [_line(finding) for finding in findings]
    if any(finding.fails for finding in findings):
        lines.append(_REMEDY)
    return "\n".join(lines)


def table(findings: Iterable[Finding]) -> str:
    """All rows, with the change from the budget in percent."""
    lines = [f"{'row':<36}{'budget':>10}{'measured':>10}{'change':>9}"]
    lines += [
        f"{row:<36}{_number(budget):>10}{_number(measured):>10}{_change(budget, measured):>9}"
        for verdict, row, budget, measured, _ in findings
        if verdict != "superlinear"
    ]
    return "\n".join(lines)


def _compared(row: str, budget: float | None, measured: float | None, tolerance: float) -> Finding:
    verdict: Verdict = "kept"
    if budget is None or measured is None:
        verdict = "missing" if budget is None else "obsolete"
    elif measured > budget * (1 + tolerance):
        verdict = "exceeded"
    elif measured < budget * (1 - _LOOSE):
        verdict = "loose"
    return Finding(verdict, row, budget or 0, measured or 0, tolerance)


def _superlinear(limit: float, measured: Mapping[str, float]) -> Iterator[Finding]:
    once, twice = (f"-{size}." for size in SIZES)
    for row, count in measured.items():
        doubled = measured.get(row.replace(once, twice)) if once in row else None
        if doubled is not None and doubled > limit * count:
            yield Finding("superlinear", row.replace(once, twice), count, doubled, limit)


def _line(finding: Finding) -> str:
    verdict, row, budget, measured, limit = finding
    count = f"{row} is {_number(measured)}"
    change = f"budget {_number(budget)} ({_change(budget, measured)}"
    match verdict:
        case "missing":
            return f"{count}, without a budget"
        case "obsolete":
            return f"{row} has budget {_number(budget)}, but is not measured"
        case "superlinear":
            ratio = measured / budget
            return f"{count}, {ratio:.2f} times that of half the input (limit {limit:g})"
        case "loose":
            return f"hint: {count}, {change}); `scripts/hot-path --update` lowers the budget"
        case _:
            return f"{count}, {change}, tolerance {limit:.1%})"


def _plain(count: float) -> str:
    return f"{count:.1f}".removesuffix(".0")


def _number(count: float) -> str:
    return f"{count:,.1f}".removesuffix(".0")


def _change(budget: float, measured: float) -> str:
    return f"{measured / budget - 1:+.1%}" if budget else "new"


def _workload(row: str) -> str:
    return row.rpartition(".")[0]


def _unit(row: str) -> str:
    return row.rpartition(".")[2]
