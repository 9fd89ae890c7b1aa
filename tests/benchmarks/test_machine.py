"""Load of the machine by other processes, and the decision not to start."""

import os

import pytest

from .__main__ import refusal
from .machine import Usage, machine_seconds

TICKS = os.sysconf("SC_CLK_TCK")
START = Usage(at=10.0, machine=100.0, own=7.0)


def test_the_load_of_others_excludes_the_benchmark_itself() -> None:
    after = Usage(at=12.0, machine=103.0, own=9.0)
    assert after.others_since(START) == 0.5


def test_rounding_of_ticks_does_not_make_the_load_negative() -> None:
    assert Usage(at=11.0, machine=100.99, own=8.0).others_since(START) == 0.0


@pytest.mark.parametrize(("machine", "refused"), [(100.0, False), (100.05, False), (100.07, True)])
def test_a_run_is_refused_above_5_percent_of_a_core(machine: float, refused: bool) -> None:
    after = Usage(at=11.0, machine=machine - 1e-9, own=7.0)
    assert (refusal(START, after) is not None) is refused


def test_the_message_has_the_load_and_the_remedy() -> None:
    why = refusal(START, Usage(at=11.0, machine=100.4, own=7.0))
    assert why is not None
    assert "40%" in why
    assert "--force" in why


def test_idle_time_is_ignored_and_stolen_time_is_separate() -> None:
    fields = (1, 2, 4, 1000, 1000, 8, 16, 32, 0, 0)
    stat = "cpu  " + " ".join(str(field * TICKS) for field in fields) + "\ncpu0 1 2 3\n"
    assert machine_seconds(stat) == (31.0, 32.0)


def test_stolen_time_is_averaged() -> None:
    assert Usage(at=12.0, machine=101.0, own=8.0, stolen=1.0).stolen_since(START) == 0.5
