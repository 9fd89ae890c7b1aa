"""The service in a process of its own: started, waited for, stopped."""

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
"""Makes a breach of the specifications an error."""


class NotStarted(Exception):
    """It ended, or did not answer in time; the message is what it logged."""


class Service:
    """A running service."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], output: Path) -> None:
        self.name = name
        self.url = ""
        self._process = process
        self._output = output

    def log(self) -> str:
        return self._output.read_text(errors="replace")

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + HANG
        while time.monotonic() < deadline and self._process.poll() is None:
            found = _LISTENING.search(self.log())
            if found and _answers(found[1]):
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
        """The exit code, once it has one."""
        return self._process.wait(HANG)

    def stop(self) -> None:
        """By SIGTERM; one that has to be killed is an error."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(HANG)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(HANG)
            raise AssertionError(f"{self.name} did not end on SIGTERM:\n{self.log()}") from None


@contextmanager
def serving(name: str, directory: Path, *arguments: str, **variables: str) -> Iterator[Service]:
    """`ollama-openai-proxy serve` with `arguments`, on a free port of the loopback.

    It runs in `directory`, and logs there. Raises NotStarted.
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


def _answers(url: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=HANG)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
