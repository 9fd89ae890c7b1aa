"""Update, smoke test, watch; and back again when one of them says no."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

from .orchestrators import Orchestrator
from .orchestrators.command import Failed, NotHealthy, NothingBefore
from .scrape import Scrape
from .watch import Limits, watch

PATIENCE = 30
"""Seconds in which the balancer may still be finding the replicas."""
_SMOKE = Path(__file__).parents[2] / "scripts" / "smoke"


class Outcome(IntEnum):
    """The exit codes."""

    IN_SERVICE = 0
    TAKEN_BACK = 1
    LOST = 3
    """Neither the new image nor the earlier one is known to serve."""


def deploy(
    orchestrator: Orchestrator,
    image: str,
    *,
    url: str | None,
    scrape: Scrape,
    limits: Limits,
    say: Callable[[str], None],
) -> Outcome:
    try:
        orchestrator.update(image)
        say(f"{image} is healthy")
    except NotHealthy as reason:
        say(f"not healthy, the earlier image serves: {reason}")
        return Outcome.TAKEN_BACK
    except (Failed, subprocess.TimeoutExpired) as reason:
        say(f"the update failed: {reason}")
        return go_back(orchestrator, say)
    if url is not None and not smoke(url):
        say("the smoke test failed")
        return go_back(orchestrator, say)
    verdict = watch(scrape, limits, say)
    say(verdict.why)
    return Outcome.IN_SERVICE if verdict.good else go_back(orchestrator, say)


def go_back(orchestrator: Orchestrator, say: Callable[[str], None]) -> Outcome:
    started = time.monotonic()
    try:
        image = orchestrator.rollback()
    except (Failed, NothingBefore, NotHealthy, subprocess.TimeoutExpired) as reason:
        say(f"the way back failed: {reason}")
        return Outcome.LOST
    say(f"{image} serves again, after {time.monotonic() - started:.0f} s")
    return Outcome.TAKEN_BACK


def smoke(url: str) -> bool:
    """The key stands in SMOKE_KEY."""
    command = [sys.executable, str(_SMOKE), url, "--wait", str(PATIENCE)]
    return subprocess.run(command, env=os.environ, check=False).returncode == 0
