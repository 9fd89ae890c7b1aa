"""Counts are those of the code inside the context."""

import gc
import json
from collections.abc import Generator

import pytest

from tests.hot_path.counters import Allocations, Calls, Counter, Instructions, counting
from tests.hot_path.counters import without_collector as no_collector


def work() -> None:
    json.dumps("ä")  # two functions in Python and one in C
    helped()
    list(pieces())


def helped() -> None:
    pass


def pieces() -> Generator[int]:
    yield 1
    yield 2


def counted(kind: type[Counter], ignored: tuple[str, ...] = ()) -> int:
    counter = kind(ignored)
    with no_collector(), counting(counter):
        work()
    return counter.total


@pytest.mark.parametrize("kind", [Calls, Instructions])
def test_the_same_work_has_the_same_count(kind: type[Counter]) -> None:
    counted(kind)
    assert counted(kind) == counted(kind) > 0


def test_functions_resumptions_and_calls_of_c_count_once_each() -> None:
    counter = Calls()
    with counting(counter):
        helped()
    # `counting` itself leaves the context in two calls, one of them to a function in Python.
    around = counter.total - 1
    counter = Calls()
    with counting(counter):
        list(pieces())
    # `list` and `pieces`, two resumptions, and one more that ends the generator's loop.
    assert counter.total - around == 4


def test_ignored_files_do_not_count() -> None:
    without = counted(Calls, (__file__,))
    assert 0 < without < counted(Calls)


def test_live_blocks_are_counted_as_allocated() -> None:
    kept: list[object] = []
    counter = Allocations()
    with no_collector(), counting(counter):
        for _ in range(100):
            kept.append(object())  # noqa: PERF401
    assert 100 <= counter.total < 120


def test_freed_blocks_are_counted_as_allocated() -> None:
    counter = Allocations()
    with no_collector(), counting(counter):
        for _ in range(100):
            kept = object()
            del kept
    assert 100 <= counter.total < 120


def test_the_collector_is_as_before() -> None:
    assert gc.isenabled()
    with no_collector():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_nothing_is_counted_afterwards() -> None:
    counter = Calls()
    with counting(counter):
        pass
    total = counter.total
    work()
    assert counter.total == total
