"""One command of an orchestrator, and waiting for what it does."""

import subprocess
import time
from collections.abc import Callable, Mapping


class Failed(Exception):
    """A command that ended with another exit code than 0."""


class NotHealthy(Exception):
    """The new image did not become healthy, and the earlier one serves."""


class NothingBefore(Exception):
    """There is no earlier image to go back to."""


def run(*command: str, env: Mapping[str, str] | None = None, seconds: float = 300) -> str:
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=seconds, check=False
    )
    if done.returncode:
        raise Failed(f"{' '.join(command[:4])}: {(done.stderr or done.stdout).strip()[-800:]}")
    return done.stdout.strip()


def wait_until(reached: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.5)
