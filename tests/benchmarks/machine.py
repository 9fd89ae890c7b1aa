"""CPU time and memory of processes, and the load of the machine, from /proc."""

import os
import re
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")

BUSY = 0.05
"""Cores that other processes may use before a measurement is not trusted."""


def family(pid: int) -> Iterator[int]:
    """The process and its descendants."""
    yield pid
    for children in (_PROC / str(pid) / "task").glob("*/children"):
        try:
            found = children.read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread ended meanwhile
        for child in found:
            yield from family(int(child))


def cpu_seconds(pid: int) -> float:
    """User and system time of one process; 0 if it has ended."""
    try:
        nanoseconds = sum(
            int(path.read_text().split()[0])
            for path in (_PROC / str(pid) / "task").glob("*/schedstat")
        )
        if nanoseconds:
            return nanoseconds / 1e9
        # A kernel without schedstat counts ticks of 10 ms.
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_megabytes(pid: int) -> float:
    status = (_PROC / str(pid) / "status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds on an arbitrary clock, and CPU seconds used until then."""

    at: float
    machine: float
    own: float
    """Of the benchmark and all processes that it started."""

    def others_since(self, before: "Usage") -> float:
        """Cores that other processes used on average; 0.05 is 5 % of one core."""
        others = (self.machine - before.machine) - (self.own - before.own)
        return max(0.0, others) / (self.at - before.at)


def machine_seconds(stat: str) -> float:
    """CPU seconds of all processes, from the text of /proc/stat.

    Interrupts are left out: the kernel charges them to no process, and the benchmark's own network
    traffic causes most of them. So is time stolen by the hypervisor.
    """
    user, nice, system = map(int, stat.split(maxsplit=4)[1:4])
    return (user + nice + system) / _TICKS


def usage() -> Usage:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    alive = sum(map(cpu_seconds, family(os.getpid())))
    machine = machine_seconds((_PROC / "stat").read_text())
    return Usage(perf_counter(), machine, alive + ended.ru_utime + ended.ru_stime)


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the load generator and of the backends, and that of the measured systems."""

    load: set[int]
    system: set[int]

    @classmethod
    def available(cls) -> "Cores":
        cores = sorted(os.sched_getaffinity(0))
        # The first and the last: neighbours are often two threads of one core.
        return cls({cores[0]}, {cores[-1]})


def raise_file_limit() -> None:
    """Allow as many open files as the hard limit; the servers inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
