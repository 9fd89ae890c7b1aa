"""Deterministic counts of the work that Python code does, by way of `sys.monitoring`."""

import gc
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, FunctionType, MethodType
from typing import Protocol

_monitoring = sys.monitoring
_events = _monitoring.events
_TOOL = 3  # 0, 1, 2 and 5 are reserved for debuggers, coverage, profilers and optimizers
_PYTHON = (FunctionType, MethodType)


class Counter(Protocol):
    """A running total, increased by the callbacks of some events.

    Work done in the code of the files `ignored` is left out.
    """

    total: int

    def __init__(self, ignored: Collection[str] = ()) -> None: ...

    def callbacks(self) -> Mapping[int, Callable[..., None]]:
        """The callback of each event."""


class Calls:
    """Python functions started, coroutines and generators resumed, and calls of anything else.

    A call of a Python function counts once, when the function starts. "Anything else" is what is
    written in C: built-in functions, methods of built-in types, and types.
    """

    def __init__(self, ignored: Collection[str] = ()) -> None:
        self.total = 0
        self._ignored = frozenset(ignored)

    def callbacks(self) -> Mapping[int, Callable[..., None]]:
        """The callback of each event."""
        return {
            _events.PY_START: self._entered,
            _events.PY_RESUME: self._entered,
            _events.PY_THROW: self._entered,
            _events.CALL: self._called,
        }

    def _entered(self, code: CodeType, *_: object) -> None:
        if code.co_filename not in self._ignored:
            self.total += 1

    def _called(self, code: CodeType, _offset: int, function: object, _argument: object) -> None:
        if not isinstance(function, _PYTHON) and code.co_filename not in self._ignored:
            self.total += 1


class Instructions:
    """Bytecode instructions executed."""

    def __init__(self, ignored: Collection[str] = ()) -> None:
        self.total = 0
        self._ignored = frozenset(ignored)

    def callbacks(self) -> Mapping[int, Callable[..., None]]:
        """The callback of each event."""
        return {_events.INSTRUCTION: self._executed}

    def _executed(self, code: CodeType, _offset: int) -> None:
        if code.co_filename not in self._ignored:
            self.total += 1


class Allocations:
    """Memory blocks taken from pymalloc.

    CPython has no counter of allocations: `tracemalloc` and `gc.get_count` show what is alive.
    `sys.getallocatedblocks` is therefore read before every instruction, and its increases are
    added up. Left out are blocks that are allocated and freed within one instruction, such as
    the temporary objects of a function in C, objects taken from a free list (floats, small tuples,
    dictionaries), and blocks above 512 bytes, which pymalloc passes on to malloc.
    """

    def __init__(self, ignored: Collection[str] = ()) -> None:
        self.total = 0
        self._ignored = frozenset(ignored)
        self._before = sys.getallocatedblocks()

    def callbacks(self) -> Mapping[int, Callable[..., None]]:
        """The callback of each event."""
        return {_events.INSTRUCTION: self._executed}

    def _executed(self, code: CodeType, _offset: int) -> None:
        now = sys.getallocatedblocks()
        if now > self._before and code.co_filename not in self._ignored:
            self.total += now - self._before
        self._before = now


@contextmanager
def counting(counter: Counter) -> Iterator[None]:
    """Adds to `counter` what every thread of the process does inside the context."""
    callbacks = counter.callbacks()
    _monitoring.use_tool_id(_TOOL, "hot-path")
    try:
        for event, callback in callbacks.items():
            _monitoring.register_callback(_TOOL, event, callback)
        _monitoring.set_events(_TOOL, sum(callbacks))
        yield
    finally:
        _monitoring.set_events(_TOOL, _events.NO_EVENTS)
        for event in callbacks:
            _monitoring.register_callback(_TOOL, event, None)
        _monitoring.free_tool_id(_TOOL)


@contextmanager
def without_collector() -> Iterator[None]:
    """Suspends the cyclic garbage collector, whose runs depend on what ran before."""
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
