"""Measured counts are compared with the budget row by row."""

from pathlib import Path

import pytest

from tests.hot_path.budget import Budget, Counts, compare, parse, render, report, table

TOLERANCE = {"calls": 0.02, "blocks": 0.1}


def budget(**counts: float) -> Budget:
    return Budget(2.3, TOLERANCE, {f"{row}.calls": count for row, count in counts.items()})


def verdicts(committed: Budget, counts: Counts) -> dict[str, str]:
    found = compare(committed, counts)
    return {finding.row: finding.verdict for finding in found if finding.verdict != "kept"}


@pytest.mark.parametrize(
    ("measured", "expected"),
    [(102, {}), (102.1, {"chat.calls": "exceeded"}), (90, {}), (89.9, {"chat.calls": "loose"})],
)
def test_a_count_may_exceed_its_budget_by_the_tolerance(
    measured: float, expected: dict[str, str]
) -> None:
    assert verdicts(budget(chat=100), {"chat.calls": measured}) == expected


def test_the_tolerance_depends_on_the_unit() -> None:
    committed = Budget(2.3, TOLERANCE, {"chat.calls": 100, "chat.blocks": 100})
    found = verdicts(committed, {"chat.calls": 105, "chat.blocks": 105})
    assert found == {"chat.calls": "exceeded"}


def test_only_an_increase_makes_the_check_fail() -> None:
    fails = [finding.fails for finding in compare(budget(chat=100), {"chat.calls": 50})]
    assert fails == [False]
    fails = [finding.fails for finding in compare(budget(chat=100), {"chat.calls": 150})]
    assert fails == [True]


def test_a_row_missing_from_budget_or_measurement_is_reported() -> None:
    found = compare(budget(chat=100), {"embed.calls": 100})
    assert {finding.row: finding.verdict for finding in found} == {
        "embed.calls": "missing",
        "chat.calls": "obsolete",
    }
    assert all(finding.fails for finding in found)


def test_doubling_the_input_may_slightly_more_than_double_the_work() -> None:
    committed = Budget(2.3, TOLERANCE, {"a-100.calls": 100, "a-200.calls": 500})
    assert verdicts(committed, {"a-100.calls": 100, "a-200.calls": 229}) == {"a-200.calls": "loose"}
    found = compare(committed, {"a-100.calls": 100, "a-200.calls": 500})
    assert [finding.row for finding in found if finding.fails] == ["a-200.calls"]
    assert "5.00 times" in report(found)


def test_the_report_names_row_budget_count_and_remedy() -> None:
    text = report(compare(budget(chat=8000, embed=10), {"chat.calls": 8800, "embed.calls": 10}))
    assert text.splitlines()[0] == "chat.calls is 8,800, budget 8,000 (+10.0%, tolerance 2.0%)"
    assert "scripts/hot-path --update" in text
    assert "commit message" in text
    assert "embed" not in text


def test_a_decrease_is_only_reported_as_a_hint() -> None:
    text = report(compare(budget(chat=100), {"chat.calls": 87.5}))
    assert text == (
        "hint: chat.calls is 87.5, budget 100 (-12.5%); "
        "`scripts/hot-path --update` lowers the budget"
    )


def test_counts_within_the_budget_are_not_reported() -> None:
    assert report(compare(budget(chat=100), {"chat.calls": 101})) == ""


def test_the_table_has_every_row() -> None:
    lines = table(compare(budget(chat=100), {"chat.calls": 101, "embed.calls": 7})).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["chat.calls", "100", "101", "+1.0%"],
        ["embed.calls", "0", "7", "new"],
    ]


def test_a_rendered_budget_can_be_parsed() -> None:
    counts: Counts = {"chat.calls": 8, "embed.calls": 12345678, "chat.blocks": 27.9}
    written = Budget(2.3, TOLERANCE, counts)
    assert parse(render(written, "3.12")) == written


def test_the_committed_budget_is_formatted_as_by_update() -> None:
    root = Path(__file__).parents[2]
    text = Path(__file__).with_name("budget.toml").read_text("utf-8")
    python = (root / ".python-version").read_text("utf-8").strip()
    assert render(parse(text), python) == text
