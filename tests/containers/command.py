"""Commands of the system, run to their end."""

import subprocess
from collections.abc import Mapping
from pathlib import Path


class Failed(AssertionError):
    """A command ended with another exit code than 0; the message is the end of what it said."""


def run(
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    text: str | None = None,
    seconds: float = 300,
) -> str:
    """What it printed."""
    done = subprocess.run(
        command,
        env=env,
        cwd=cwd,
        input=text,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        told = (done.stdout + done.stderr).strip().splitlines()[-40:]
        raise Failed(f"{' '.join(map(str, command))}: {done.returncode}\n" + "\n".join(told))
    return done.stdout.strip()


def succeeds(*command: str | Path) -> bool:
    try:
        run(*command, seconds=60)
    except (Failed, OSError, subprocess.TimeoutExpired):
        return False
    return True
