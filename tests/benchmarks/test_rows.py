"""Selection of rows by name, and of the scenarios that measure them."""

import pytest

from .rows import ROWS, UnknownRows, select
from .scenarios import scenarios


def names(*patterns: str) -> list[str]:
    return [row.name for row in select(patterns)]


def test_without_a_pattern_all_rows_are_selected() -> None:
    assert select([]) == list(ROWS)


def test_patterns_select_by_name_in_the_order_of_the_table() -> None:
    assert names("paced-1", "chat*") == ["chat-1", "chat-32", "paced-1"]


def test_a_pattern_that_matches_nothing_is_rejected_with_the_names() -> None:
    with pytest.raises(UnknownRows, match=r"'chta\*'.*chat-32"):
        select(["chat*", "chta*"])


def test_names_are_unique() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_every_row_is_measured_by_one_scenario() -> None:
    measured = [row.name for scenario in scenarios(ROWS) for row in scenario.rows]
    assert sorted(measured) == sorted(row.name for row in ROWS)


def test_only_scenarios_of_selected_rows_are_run() -> None:
    [start, https] = scenarios(select(["rss-start", "https*"]))[::-1]
    assert [row.name for row in start.rows] == ["rss-start"]
    assert https.site == "https"
