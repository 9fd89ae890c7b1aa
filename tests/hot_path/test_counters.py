"""Counters count exactly the work inside the context."""

import gc
import json
import threading
from collections.abc import Generator

import pytest

from tests.hot_path.counters import Allocations, Calls, Counter, Instructions, counting
from tests.hot_path.counters import without_collector as no_collector


def work() -> None:
    json.dumps("ä")  # two Python functions and one C function
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


def test_functions_resumptions_and_c_calls_count_once_each() -> None:
    counter = Calls()
    with counting(counter):
        helped()
    # `counting` itself makes two calls on exit, one of them to a Python function.
    around = counter.total - 1
    counter = Calls()
    with counting(counter):
        list(pieces())
    # `list` and `pieces`, two resumptions, and a last one that ends the generator.
    assert counter.total - around == 4


@pytest.mark.parametrize("kind", [Calls, Instructions])
def test_other_threads_are_not_counted(kind: type[Counter]) -> None:
    begin, done = threading.Event(), threading.Event()

    def other() -> None:
        begin.wait()
        work()
        done.set()

    threading.Thread(target=other).start()
    counter = kind((threading.__file__,))
    with no_collector(), counting(counter):
        begin.set()
        done.wait()
    assert counter.total < counted(kind)


def test_ignored_files_are_not_counted() -> None:
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


def test_the_collector_is_restored() -> None:
    assert gc.isenabled()
    with no_collector():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_nothing_is_counted_after_the_context() -> None:
    counter = Calls()
    with counting(counter):
        pass
    total = counter.total
    work()
    assert counter.total == total
