"""Dropping of rounds, ratios and intervals."""

from math import inf

import pytest

from .summary import DIRECT, RELAY, Round, Spread, dropped, hodges_lehmann, interval, kept


def of(relay: float, others: float = 0.0) -> Round:
    return Round({"proxy": [2 * relay], RELAY: [relay]}, others)


def test_a_round_is_dropped_if_the_relay_is_more_than_15_percent_from_its_median() -> None:
    rounds = [of(100), of(114), of(116), of(86), of(84), of(100), of(100)]
    assert dropped(rounds) == [None, None, "drift", None, "drift", None, None]


def test_a_round_is_dropped_if_other_processes_were_busy() -> None:
    assert dropped([of(100), of(100, others=0.06), of(100, others=0.05)]) == [None, "busy", None]


def test_force_ignores_other_processes() -> None:
    assert dropped([of(100), of(100, others=2.0), of(200)], force=True) == [None, None, "drift"]


def test_busy_rounds_do_not_shift_the_median() -> None:
    busy = [of(200, others=1.0)] * 3
    assert kept([*busy, of(100), of(101)]) == [of(100), of(101)]


@pytest.mark.parametrize("relays", [[100, 200], [100], [10, 20, 40, 80]])
def test_drift_never_drops_all_rounds(relays: list[float]) -> None:
    assert kept([of(relay) for relay in relays])


def test_no_round_is_kept_if_all_were_busy() -> None:
    assert kept([of(100, others=1.0)]) == []


def test_the_ratio_of_a_round_is_the_median_over_neighbouring_slices() -> None:
    # The machine is twice as slow in the second half, and one slice was disturbed.
    found = Round({"proxy": [20, 20, 40, 90], RELAY: [10, 10, 20, 20]}, 0.0)
    assert found.ratio("proxy", RELAY) == 2.0


def test_an_added_value_is_the_difference_to_the_direct_one() -> None:
    found = Round({"proxy": [3.0, 4.0, 9.0], RELAY: [2.0] * 3, DIRECT: [1.0, 2.0, 1.0]}, 0.0)
    assert found.value("proxy") == 4.0
    assert found.value("proxy", added=True) == 2.0
    assert found.ratio("proxy", RELAY, added=True) == 2.0


def test_a_ratio_to_zero_is_infinite() -> None:
    found = Round({"proxy": [3.0], RELAY: [1.0], DIRECT: [1.0]}, 0.0)
    assert found.ratio("proxy", RELAY, added=True) == inf


def test_a_spread_has_median_and_extremes() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)


def test_hodges_lehmann_resists_an_outlier() -> None:
    assert hodges_lehmann([1.0, 1.0, 1.0, 1.0, 50.0]) == 1.0


def test_hodges_lehmann_is_the_same_for_inverted_ratios() -> None:
    ratios = [0.9, 1.0, 1.3, 1.7, 2.0]
    inverted = hodges_lehmann([1 / ratio for ratio in ratios])
    assert inverted == pytest.approx(1 / hodges_lehmann(ratios))


def test_an_interval_encloses_its_estimate_and_is_reproducible() -> None:
    ratios = [0.98, 1.0, 1.01, 1.03, 0.97, 1.02, 1.0, 0.99]
    found = interval(ratios)
    assert found == interval(ratios)
    assert min(ratios) <= found.low < found.median < found.high <= max(ratios)


def test_equal_ratios_have_an_interval_without_width() -> None:
    found = interval([1.5] * 6)
    assert [found.median, found.low, found.high] == pytest.approx([1.5] * 3)


def test_four_rounds_have_an_unbounded_interval() -> None:
    assert interval([1.0] * 4) == Spread(1.0, 0.0, inf)
