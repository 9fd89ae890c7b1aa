"""Watches the error rate for a while."""

import time
from collections.abc import Callable
from typing import NamedTuple

from .error_rate import Count, since
from .scrape import Scrape, ScrapeFailed


class Limits(NamedTuple):
    seconds: float = 60
    rate: float = 0.10
    requests: int = 20
    """As long as there are fewer, the rate says nothing."""
    every: float = 2


class Verdict(NamedTuple):
    good: bool
    why: str


def watch(scrape: Scrape, limits: Limits, say: Callable[[str], None] = print) -> Verdict:
    """Bad as soon as the rate is above the limit; good when the seconds are over."""
    end = time.monotonic() + limits.seconds
    try:
        before = scrape()
        while True:
            count = since(before, scrape())
            if count.requests >= limits.requests and count.rate > limits.rate:
                return Verdict(False, f"{_told(count)}, above {limits.rate:.0%}")
            if time.monotonic() >= end:
                break
            time.sleep(min(limits.every, max(0.0, end - time.monotonic())))
    except ScrapeFailed as error:
        return Verdict(False, str(error))
    if count.requests < limits.requests:
        say(f"only {count.requests:.0f} requests: too few to tell a rate")
    return Verdict(True, _told(count))


def _told(count: Count) -> str:
    return f"{count.faults:.0f} of {count.requests:.0f} requests failed ({count.rate:.1%})"
