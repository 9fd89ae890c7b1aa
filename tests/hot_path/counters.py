"""Deterministic counts of the work of Python code, based on `sys.monitoring`."""

import gc
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from threading import get_ident
from types import CodeType, FunctionType, MethodType
from typing import Protocol

_monitoring = sys.monitoring
_events = _monitoring.events
_TOOL = 3  # 0, 1, 2 and 5 are reserved for debuggers, coverage, profilers and optimizers
_PYTHON = (FunctionType, MethodType)


class Counter(Protocol):
    """A total that the callbacks of monitoring events increase.

    Work in the files `ignored` is not counted.
    """

    total: int

    def __init__(self, ignored: Collection[str] = ()) -> None: ...

    def callbacks(self) -> Mapping[int, Callable[..., None]]:
        """The callbacks by event."""


class Calls:
    """Python functions started, coroutines and generators resumed, and calls to C code.

    A call to a Python function counts once, when the function starts. C code means built-in
    functions, methods of built-in types, and types.
    """

    def __init__(self, ignored: Collection[str] = ()) -> None:
        self.total = 0
        self._ignored = frozenset(ignored)

    def callbacks(self) -> Mapping[int, Callable[..., None]]:
        """The callbacks by event."""
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
        """The callbacks by event."""
        return {_events.INSTRUCTION: self._executed}

    def _executed(self, code: CodeType, _offset: int) -> None:
        if code.co_filename not in self._ignored:
            self.total += 1


class Allocations:
    """Memory blocks allocated from pymalloc.

    CPython does not count allocations: `tracemalloc` and `gc.get_count` report live objects only.
    `sys.getallocatedblocks` is therefore read before every instruction, and its increases are
    added up. This misses blocks that are allocated and freed within one instruction, such as
    temporary objects of a C function; objects from a free list (floats, small tuples,
    dictionaries); and blocks above 512 bytes, which pymalloc leaves to malloc.
    """

    def __init__(self, ignored: Collection[str] = ()) -> None:
        self.total = 0
        self._ignored = frozenset(ignored)
        self._before = sys.getallocatedblocks()

    def callbacks(self) -> Mapping[int, Callable[..., None]]:
        """The callbacks by event."""
        return {_events.INSTRUCTION: self._executed}

    def _executed(self, code: CodeType, _offset: int) -> None:
        now = sys.getallocatedblocks()
        if now > self._before and code.co_filename not in self._ignored:
            self.total += now - self._before
        self._before = now


@contextmanager
def counting(counter: Counter) -> Iterator[None]:
    """Count the work of this thread inside the context.

    Events of other threads are ignored: the test runner has some, and they run more often on a
    busy machine.
    """
    callbacks = counter.callbacks()
    thread = get_ident()

    def in_this_thread(callback: Callable[..., None]) -> Callable[..., None]:
        def called(*event: object) -> None:
            if get_ident() == thread:
                callback(*event)

        return called

    _monitoring.use_tool_id(_TOOL, "hot-path")
    try:
        for event, callback in callbacks.items():
            _monitoring.register_callback(_TOOL, event, in_this_thread(callback))
        _monitoring.set_events(_TOOL, sum(callbacks))
        yield
    finally:
        _monitoring.set_events(_TOOL, _events.NO_EVENTS)
        for event in callbacks:
            _monitoring.register_callback(_TOOL, event, None)
        _monitoring.free_tool_id(_TOOL)


@contextmanager
def without_collector() -> Iterator[None]:
    """Suspend the cyclic garbage collector, whose runs depend on earlier allocations."""
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
