"""Starts and stops the service as a subprocess."""

import http.client
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.e2e import environment
from tests.fakes.limits import HANG

_LISTENING = re.compile(r"listening on (http://\S+),")
ENFORCED = {"OLLAMA_OPENAI_PROXY_VALIDATE": "enforce"}
"""Environment variables that make every contract violation an error."""


class NotStarted(Exception):
    """The service exited or did not respond in time. The message is its log."""


class Service:
    """A running service and its log file."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], output: Path) -> None:
        self.name = name
        self.url = ""
        self._process = process
        self._output = output

    def log(self) -> str:
        return self._output.read_text(errors="replace")

    def wait(self) -> None:
        """Wait until the service responds. Raises NotStarted."""
        deadline = time.monotonic() + HANG
        while time.monotonic() < deadline and self._process.poll() is None:
            found = _LISTENING.search(self.log())
            if found and _responds(found[1]):
                self.url = found[1]
                return
            time.sleep(0.05)
        raise NotStarted(self.log())

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ended(self) -> int:
        """Wait for the process to exit and return its exit code."""
        return self._process.wait(HANG)

    def stop(self) -> None:
        """Send SIGTERM. Raises AssertionError if the process has to be killed."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(HANG)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(HANG)
            raise AssertionError(f"{self.name} did not exit after SIGTERM:\n{self.log()}") from None


@contextmanager
def serving(name: str, directory: Path, *arguments: str, **variables: str) -> Iterator[Service]:
    """Run `ollama-openai-proxy serve` with `arguments` on a free loopback port.

    `directory` is its working directory and the place of its log file. `variables` are additional
    environment variables. Raises NotStarted.
    """
    command = [sys.executable, "-m", "ollama_openai_proxy", "serve"]
    output = directory / "log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", "0", *arguments],
            cwd=directory,
            env={**environment.clean(), **variables},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    service = Service(name, process, output)
    try:
        service.wait()
        yield service
    finally:
        service.stop()


def _responds(url: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=HANG)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
