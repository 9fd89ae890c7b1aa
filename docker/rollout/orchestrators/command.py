"""Runs the commands of an orchestrator, and waits for their effect."""

import subprocess
import time
from collections.abc import Callable, Mapping


class Failed(Exception):
    """A command exited with a code other than 0, or a state was not reached in time."""


class NotHealthy(Exception):
    """The new image did not become healthy, and the previous one serves."""


class NothingBefore(Exception):
    """There is no previous image to roll back to."""


def run(*command: str, env: Mapping[str, str] | None = None, seconds: float = 300) -> str:
    """Run a command and return its output. Raises Failed and subprocess.TimeoutExpired."""
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=seconds, check=False
    )
    if done.returncode:
        raise Failed(f"{' '.join(command[:4])}: {(done.stderr or done.stdout).strip()[-800:]}")
    return done.stdout.strip()


def wait_until(reached: Callable[[], bool], seconds: float, goal: str) -> None:
    """Poll until `reached` returns true. Raises Failed, with `goal` in its message, after a time."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise Failed(f"timed out after {seconds:.0f} s while waiting for {goal}")
        time.sleep(0.5)
