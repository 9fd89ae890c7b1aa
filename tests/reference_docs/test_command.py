"""scripts/docs, on a project with one page."""

from pathlib import Path

import pytest

from scripts.reference_docs import __main__ as command
from scripts.reference_docs.tables import with_table
from tests.reference_docs.test_tables import PAGE


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "docs" / "reference" / "settings.md"
    path.parent.mkdir(parents=True)
    path.write_text(PAGE, "utf-8")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "TABLES", {"settings": lambda: "new"})
    return path


def test_check_reports_an_outdated_table_and_writes_nothing(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--check"]) == 1
    assert "docs/reference/settings.md: the table is out of date" in capsys.readouterr().err
    assert page.read_text("utf-8") == PAGE


def test_an_outdated_table_is_replaced(page: Path) -> None:
    assert command.main([]) == 0
    assert page.read_text("utf-8") == with_table(PAGE, "new")
    assert command.main(["--check"]) == 0


def test_a_broken_link_is_reported_with_its_file(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page.write_text(f"{PAGE}\n[a](missing.md)\n", "utf-8")
    assert command.main([]) == 1
    assert "docs/reference/settings.md: broken link: missing.md" in capsys.readouterr().err
