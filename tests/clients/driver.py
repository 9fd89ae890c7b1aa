"""A driver in a process of its own, and what it is asked."""

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

_PATIENCE = 120.0  # seconds, of which a first import may need many on a busy machine


class Driver:
    """The process of one client."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    def ask(self, act: str, host: str, model: str) -> dict[str, Any]:
        """What the client was told, and what it `raised`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = json.dumps({"act": act, "host": host, "model": model})
        self._process.stdin.write(request.encode() + b"\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], _PATIENCE)
        line = self._process.stdout.readline() if ready else b""
        assert line, f"no answer to {act}:\n{self.log()}"
        told: dict[str, Any] = json.loads(line)
        return told

    def log(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]


@contextmanager
def driving(client: Client, directory: Path) -> Iterator[Driver]:
    """Starts the driver of a client; its end of input ends it."""
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
