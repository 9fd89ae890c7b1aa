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
"""Measurements are rejected if other processes use more than this many cores."""


def family(pid: int) -> Iterator[int]:
    """The process and its descendants."""
    yield pid
    for children in (_PROC / str(pid) / "task").glob("*/children"):
        try:
            found = children.read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread has ended
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
    """CPU seconds of the benchmark and all processes that it started."""
    stolen: float = 0.0

    def others_since(self, before: "Usage") -> float:
        """Cores that other processes used on average; 0.05 is 5 % of one core."""
        others = (self.machine - before.machine) - (self.own - before.own)
        return max(0.0, others) / (self.at - before.at)

    def stolen_since(self, before: "Usage") -> float:
        """Cores that the hypervisor gave to other machines on average."""
        return (self.stolen - before.stolen) / (self.at - before.at)


def machine_seconds(stat: str) -> tuple[float, float]:
    """CPU seconds of all processes and those stolen by the hypervisor, from /proc/stat.

    Interrupts count as work of processes: where the kernel does not account for them separately,
    they are in the processes' own times, too.
    """
    fields = [int(field) / _TICKS for field in stat.split(maxsplit=9)[1:9]]
    user, nice, system, _, _, interrupts, soft_interrupts, stolen = fields
    return user + nice + system + interrupts + soft_interrupts, stolen


def usage() -> Usage:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    alive = sum(map(cpu_seconds, family(os.getpid())))
    machine, stolen = machine_seconds((_PROC / "stat").read_text())
    return Usage(perf_counter(), machine, alive + ended.ru_utime + ended.ru_stime, stolen)


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the load generator and the backends, and the core of the measured systems."""

    load: set[int]
    system: set[int]

    @classmethod
    def available(cls) -> "Cores":
        cores = sorted(os.sched_getaffinity(0))
        # The first and the last core: adjacent ones are often hyperthreads of one physical core.
        return cls({cores[0]}, {cores[-1]})


def raise_file_limit() -> None:
    """Allow as many open files as the hard limit; the servers inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
