"""Tables, goals, verdicts and the JSON document."""

import json
from math import inf

import pytest

from .document import document
from .report import (
    BASE,
    HEAD,
    PROXY,
    Result,
    comparison_table,
    exceeding,
    missed,
    ratios_table,
    results,
    verdict,
)
from .rows import CHAT_1, CHAT_32, FIRST_TOKEN, RSS_200, Row
from .summary import DIRECT, RELAY, Round, Spread


def result(row: Row, *proxy: float, relay: float = 100.0, direct: float = 0.0) -> Result:
    rounds = [Round({PROXY: [p], RELAY: [relay], DIRECT: [direct]}, 0.0) for p in proxy]
    return Result(row, rounds, [None] * len(rounds))


def compared(*heads: float) -> Result:
    rounds = [Round({BASE: [100.0], HEAD: [head], RELAY: [50.0]}, 0.0) for head in heads]
    return Result(CHAT_32, rounds, [None] * len(rounds))


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_ratio_comes_first_then_the_goal_then_the_costs() -> None:
    head, _, line = ratios_table([result(CHAT_32, 170.0, 150.0, 190.0)]).splitlines()
    assert cells(head)[:4] == ["row", "proxy / relay", "min–max", "goal"]
    found = [CHAT_32.label, "1.70", "1.50–1.90", "≤ 1.8: met", "170", "100", CHAT_32.unit, "3"]
    assert cells(line) == found


def test_dropped_rounds_are_counted_but_do_not_count() -> None:
    rounds = [Round({PROXY: [p], RELAY: [r]}, 0.0) for p, r in ((200, 100), (200, 100), (900, 300))]
    [found] = results([CHAT_1], {"chat-1": rounds}, force=False)
    line = cells(ratios_table([found]).splitlines()[-1])
    assert line[1:3] == ["2.00", "2.00–2.00"]
    assert line[-1] == "2 (1 dropped)"


def test_a_row_without_an_undisturbed_round_is_left_out() -> None:
    busy = Round({PROXY: [1.0], RELAY: [1.0]}, others=1.0)
    assert results([CHAT_1], {"chat-1": [busy]}, force=False) == []


def test_an_added_value_has_no_ratio_and_its_goal_is_absolute() -> None:
    added = result(FIRST_TOKEN, 4.5, relay=3.5, direct=3.0)
    line = cells(ratios_table([added]).splitlines()[-1])
    assert line[1:6] == ["", "", "≤ 1 ms: missed", "1.50", "0.50"]


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (result(CHAT_32, 180.0), []),
        (result(CHAT_32, 181.0), ["chat-32"]),
        (result(CHAT_1, 900.0), []),
        (result(RSS_200, 60.0, relay=20.0), []),
        (result(RSS_200, 61.0, relay=61.0), ["rss-200"]),
    ],
    ids=["ratio-met", "ratio-missed", "no-goal", "value-met", "value-missed"],
)
def test_goals_are_upper_bounds_of_the_ratio_or_of_the_value(
    found: Result, names: list[str]
) -> None:
    assert missed([found]) == names


@pytest.mark.parametrize(
    ("spread", "expected"),
    [
        (Spread(1.0, 0.9, 1.05), "yes"),
        (Spread(1.0, 0.9, 1.06), "unclear"),
        (Spread(1.2, 1.06, 1.3), "no"),
        (Spread(1.0, 0.0, inf), "unclear"),
    ],
)
def test_a_verdict_needs_the_whole_interval_on_one_side(spread: Spread, expected: str) -> None:
    assert verdict(spread, 1.05) == expected


def test_a_comparison_shows_ratio_and_interval_first() -> None:
    head, _, line = comparison_table([compared(*[120.0] * 5)], 1.05).splitlines()
    assert cells(head)[:4] == ["row", "head / base", "95 % interval", "≤ 1.05"]
    expected = ["1.200", "1.200–1.200", "no", "100", "120", "50", CHAT_32.unit, "5"]
    assert cells(line)[1:] == expected


def test_the_verdict_of_too_few_rounds_is_unclear() -> None:
    once = compared(100.0)
    assert "too few rounds | unclear" in comparison_table([once], 1.05)
    assert exceeding([once], 1.05) == ["chat-32"]
    assert exceeding([compared(*[100.0] * 5)], 1.05) == []


@pytest.mark.parametrize(
    "found", [result(CHAT_32, 170.0), result(FIRST_TOKEN, 4.5), compared(100.0)]
)
def test_the_document_is_json_with_every_slice(found: Result) -> None:
    written = json.dumps(document([found], {"proxy": "abc"}, {"rounds": 1}), allow_nan=False)
    read = json.loads(written)
    assert read["commits"] == {"proxy": "abc"}
    [described] = read["rows"].values()
    [once] = described["rounds"]
    assert once["slices"] == {name: list(v) for name, v in found.rounds[0].values.items()}
    assert once["dropped"] is None


def test_the_document_has_ratio_and_goal() -> None:
    row = document([result(CHAT_32, 170.0)], {}, {})["rows"]["chat-32"]
    assert row["ratio"] == {"median": 1.7, "low": 1.7, "high": 1.7}
    assert row["goal"] == {"at_most": 1.8, "for": "ratio", "met": True}
