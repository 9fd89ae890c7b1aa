"""Starts the driver of a client as a subprocess and sends requests to it."""

import json
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.clients.matrix import ENVIRONMENTS, HERE, Client
from tests.e2e import environment

_TIMEOUT = 120.0  # seconds; the first import is slow on a busy machine


class Driver:
    """The driver process of one client."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    def run(self, act: str, host: str, model: str) -> dict[str, Any]:
        """Run an act and return its results, with `raised` if it failed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = json.dumps({"act": act, "host": host, "model": model})
        self._process.stdin.write(request.encode() + b"\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], _TIMEOUT)
        line = self._process.stdout.readline() if ready else b""
        assert line, f"no result of {act} within {_TIMEOUT:.0f} s:\n{self.log()}"
        result: dict[str, Any] = json.loads(line)
        return result

    def log(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]


@contextmanager
def driving(client: Client, directory: Path) -> Iterator[Driver]:
    """Start the driver of a client. It exits when its stdin is closed."""
    log = directory / "log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            _command(client),
            cwd=directory,
            env=_environment(directory),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield Driver(process, log)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        process.stdout.close()


def _command(client: Client) -> list[str]:
    home = ENVIRONMENTS / client.folder
    script = HERE / (client.driver or client.folder) / "driver"
    if not client.is_javascript:
        return [str(home / "bin" / "python"), str(script.with_suffix(".py"))]
    for path in (script.with_suffix(".mjs"), HERE / "driving.mjs"):
        shutil.copy(path, home)  # node looks for packages beside the script
    return ["node", "--no-warnings", str(home / "driver.mjs")]


def _environment(directory: Path) -> dict[str, str]:
    return {
        **environment.clean(),
        "PYTHONPATH": str(HERE.parents[1]),
        "HOME": str(directory),
        "LLM_USER_PATH": str(directory),
        "HAYSTACK_TELEMETRY_ENABLED": "False",
    }
