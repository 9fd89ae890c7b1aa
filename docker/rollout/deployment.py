"""Deployment in three steps, update, smoke test and watch, with a rollback if one of them fails."""

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
"""Seconds that the smoke test waits for the load balancer to find the new replicas."""
_SMOKE = Path(__file__).parents[2] / "scripts" / "smoke"


class Outcome(IntEnum):
    """The result of a deployment or rollback. The value is the exit code."""

    IN_SERVICE = 0
    TAKEN_BACK = 1
    LOST = 3
    """The rollback failed, so it is unknown whether any image serves."""


def deploy(
    orchestrator: Orchestrator,
    image: str,
    *,
    url: str | None,
    scrape: Scrape,
    limits: Limits,
    log: Callable[[str], None],
) -> Outcome:
    """Deploy an image, and roll back if the update, the smoke test or the error rate fails.

    Without `url` there is no smoke test. Each step calls `log` with a line for the operator.
    """
    try:
        orchestrator.update(image)
        log(f"{image} is healthy")
    except NotHealthy as reason:
        log(f"the new image is not healthy, so the previous one still serves: {reason}")
        return Outcome.TAKEN_BACK
    except (Failed, subprocess.TimeoutExpired) as reason:
        log(f"the update failed: {reason}")
        return go_back(orchestrator, log)
    if url is not None and not smoke(url):
        log("the smoke test failed")
        return go_back(orchestrator, log)
    verdict = watch(scrape, limits, log)
    log(verdict.reason)
    return Outcome.IN_SERVICE if verdict.good else go_back(orchestrator, log)


def go_back(orchestrator: Orchestrator, log: Callable[[str], None]) -> Outcome:
    """Roll back to the previous image."""
    started = time.monotonic()
    try:
        image = orchestrator.rollback()
    except (Failed, NothingBefore, NotHealthy, subprocess.TimeoutExpired) as reason:
        log(f"the rollback failed: {reason}")
        return Outcome.LOST
    log(f"{image} serves again, after {time.monotonic() - started:.0f} s")
    return Outcome.TAKEN_BACK


def smoke(url: str) -> bool:
    """Run scripts/smoke, which reads the API key from SMOKE_KEY. Return whether it passed."""
    command = [sys.executable, str(_SMOKE), url, "--wait", str(PATIENCE)]
    return subprocess.run(command, env=os.environ, check=False).returncode == 0
