"""pytest plugin of scripts/test: the summary at the end of the output."""

import json
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build/coverage.json"
_SLOWEST = 5


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List skipped tests, the slowest tests, and the modules below the coverage limit."""
    _skipped(terminalreporter)
    _slowest(terminalreporter)
    if REPORT.exists():
        _coverage(terminalreporter, json.loads(REPORT.read_text("utf-8")))


def _skipped(terminal: pytest.TerminalReporter) -> None:
    reasons: Counter[str] = Counter()
    for report in terminal.getreports("skipped"):
        if isinstance(report.longrepr, tuple):
            reasons[report.longrepr[2].removeprefix("Skipped: ")] += 1
    if reasons:
        terminal.section("skipped", sep="-")
    for reason, count in reasons.most_common():
        terminal.line(f"{count:7}  {reason}")


def _slowest(terminal: pytest.TerminalReporter) -> None:
    reports = [
        report
        for key in ("passed", "failed", "")
        for report in terminal.getreports(key)
        if isinstance(report, pytest.TestReport)
    ]
    terminal.section("slowest", sep="-")
    for report in sorted(reports, key=lambda one: one.duration, reverse=True)[:_SLOWEST]:
        terminal.line(f"{report.duration:7.1f} s  {report.when:8} {report.nodeid}")


def _coverage(terminal: pytest.TerminalReporter, report: dict[str, dict[str, object]]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    limit = float(project["tool"]["coverage"]["report"]["fail_under"])
    covered = {name: _percent(one) for name, one in report["files"].items()}
    low = {name: percent for name, percent in covered.items() if percent < limit}
    total = _percent(report)
    terminal.section("coverage", sep="-")
    terminal.line(
        f"{total:.1f} % in total, {limit:g} % required; "
        f"{len(low)} of {len(covered)} modules are below that; see build/coverage.txt"
    )
    for name, percent in sorted(low.items(), key=lambda pair: pair[1]):
        terminal.line(f"{percent:7.1f} %  {name}")


def _percent(report: object) -> float:
    assert isinstance(report, dict)
    key = "totals" if "totals" in report else "summary"
    return float(report[key]["percent_covered"])
