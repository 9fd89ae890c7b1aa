"""`scripts/hot-path` fails if a budget is exceeded, and updates the budgets on request."""

from pathlib import Path

import pytest

from tests.hot_path import __main__ as command
from tests.hot_path.budget import Counts, parse

BUDGET = """\
growth = 2.3

[tolerance]
calls = 0.02

[chat]
calls = 100
"""
COUNTS: Counts = {"chat.calls": 110}


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A budget file of the running Python version, and counts that exceed it."""
    path = tmp_path / "budget.toml"
    path.write_text(BUDGET, "utf-8")
    monkeypatch.setattr(command, "_PATH", path)
    monkeypatch.setattr(command, "_PYTHON", command.running_python())
    monkeypatch.setattr(command, "measured", lambda: dict(COUNTS))
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["hot-path", *arguments])
    return command.main()


def test_an_exceeded_budget_makes_the_command_fail(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch) == 1
    assert capsys.readouterr().out.startswith("chat.calls is 110, budget 100 (+10.0%,")
    assert path.read_text("utf-8") == BUDGET


def test_an_update_writes_the_counts_and_keeps_the_limits(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--update") == 0
    committed = parse(path.read_text("utf-8"))
    assert committed == parse(BUDGET)._replace(counts=COUNTS)
    assert run(monkeypatch) == 0
    assert capsys.readouterr().out == ""


def test_the_check_is_skipped_for_another_python_version(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_PYTHON", "3.0")
    assert run(monkeypatch, "--update") == 0
    assert "skipped: the budget is for Python 3.0, this is 3." in capsys.readouterr().out
    assert path.read_text("utf-8") == BUDGET
