"""Watches the error rate for a given time."""

import time
from collections.abc import Callable
from typing import NamedTuple

from .error_rate import Count, since
from .scrape import Scrape, ScrapeFailed


class Limits(NamedTuple):
    """How long to watch, and the maximum error rate."""

    seconds: float = 60
    rate: float = 0.10
    requests: int = 20
    """With fewer requests the error rate is not significant."""
    every: float = 2
    """Seconds between two scrapes."""


class Verdict(NamedTuple):
    """Whether the error rate stayed below the limit, and a description for the log."""

    good: bool
    reason: str


def watch(scrape: Scrape, limits: Limits, log: Callable[[str], None] = print) -> Verdict:
    """Watch until the error rate exceeds the limit, a scrape fails, or the time is over."""
    end = time.monotonic() + limits.seconds
    try:
        before = scrape()
        while True:
            count = since(before, scrape())
            if count.requests >= limits.requests and count.rate > limits.rate:
                return Verdict(False, f"{_summary(count)}, above {limits.rate:.0%}")
            if time.monotonic() >= end:
                break
            time.sleep(min(limits.every, max(0.0, end - time.monotonic())))
    except ScrapeFailed as error:
        return Verdict(False, str(error))
    if count.requests < limits.requests:
        log(f"only {count.requests:.0f} requests: too few for a significant error rate")
    return Verdict(True, _summary(count))


def _summary(count: Count) -> str:
    return f"{count.faults:.0f} of {count.requests:.0f} requests failed ({count.rate:.1%})"
