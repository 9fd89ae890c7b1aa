"""Runs commands and waits for them."""

import subprocess
from collections.abc import Mapping
from pathlib import Path


class Failed(AssertionError):
    """A command failed; the message has its exit code and the last 40 lines of its output."""


def run(
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    text: str | None = None,
    seconds: float = 300,
) -> str:
    """Run a command and return its stripped stdout.

    `text` is its stdin, `seconds` its time limit. Raises Failed if the exit code is not 0.
    """
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
        output = (done.stdout + done.stderr).strip().splitlines()[-40:]
        raise Failed(
            f"{' '.join(map(str, command))}: exit code {done.returncode}\n" + "\n".join(output)
        )
    return done.stdout.strip()


def succeeds(*command: str | Path) -> bool:
    try:
        run(*command, seconds=60)
    except (Failed, OSError, subprocess.TimeoutExpired):
        return False
    return True
