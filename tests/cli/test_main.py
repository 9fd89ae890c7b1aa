"""The command line, run in its own process."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.fakes.limits import HANG

KEY = "sk-very-secret-0123456789"
PREFIX = "OLLAMA_OPENAI_PROXY_"
COMMAND = [sys.executable, "-m", "ollama_openai_proxy"]
UNREACHABLE = "http://127.0.0.1:9/v1"  # the discard port: nothing listens there


def environment(**variables: str) -> dict[str, str]:
    return {**os.environ, "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": UNREACHABLE, **variables}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command until it exits."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )


class Service:
    """A running service: its URL, its process and its log."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self._log = log

    def log(self) -> str:
        return self._log.read_text()

    def stop(self, signal_: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(signal_)
        return self.process.wait(HANG)

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + HANG
        while text not in self.log():
            assert time.monotonic() < deadline, f"{text!r} is not in:\n{self.log()}"
            time.sleep(0.02)


@contextmanager
def serving(tmp_path: Path, *arguments: str, **variables: str) -> Iterator[Service]:
    """Start the service on a free port, wait until it responds, and stop it at the end."""
    log = tmp_path / "log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port), *arguments],
            env=environment(**variables),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    service = Service(process, log, port)
    try:
        deadline = time.monotonic() + HANG
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(service.url, timeout=HANG).text == "Ollama is running":
                    break
            assert process.poll() is None, service.log()
            assert time.monotonic() < deadline, service.log()
            time.sleep(0.05)
        yield service
    finally:
        if process.poll() is None:
            service.stop(signal.SIGTERM)


def test_the_version_is_printed() -> None:
    done = run("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"ollama-openai-proxy \d+\.\d+\.\d+\S*\n", done.stdout)
    assert done.stderr == ""


def test_help_lists_serve() -> None:
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "serve" in done.stdout


def test_help_of_serve_lists_its_options_and_variables() -> None:
    done = run("serve", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for option in ("--host", "--port", "--backend-url", "--local", "--workers", "--log-level"):
        assert option in done.stdout
    for name in ("OLLAMA_HOST", "OPENAI_BASE_URL"):
        assert name in done.stdout


@pytest.mark.parametrize(
    ("arguments", "variables", "name"),
    [
        pytest.param(["--backend-url", "localhost:1"], {}, "OPENAI_BASE_URL", id="url-argument"),
        pytest.param(["--port", "70000"], {}, "--port", id="port"),
        pytest.param([], {f"{PREFIX}DIALEKT": "x"}, f"{PREFIX}DIALEKT", id="unknown"),
        pytest.param([], {"OLLAMA_KEEP_ALIVE": "soon"}, "OLLAMA_KEEP_ALIVE", id="keep-alive"),
        pytest.param([], {"OPENAI_API_KEY": KEY + "\u00e9"}, "OPENAI_API_KEY", id="key"),
    ],
)
def test_an_invalid_setting_prints_one_line_that_names_it_and_exits_with_2(
    arguments: list[str], variables: dict[str, str], name: str
) -> None:
    done = run("serve", *arguments, **variables)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"ollama-openai-proxy: {name}: ")
    assert KEY not in line


def test_wrong_usage_exits_with_2_and_no_traceback() -> None:
    done = run("serve", "--port", "x")
    assert done.returncode == 2
    assert done.stderr.startswith("usage: ")
    assert "Traceback" not in done.stderr


def test_a_port_in_use_prints_one_line_and_exits_with_1() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line == f"ollama-openai-proxy: cannot listen on 127.0.0.1:{port}: Address already in use"


@pytest.mark.parametrize("host", ["nobody.invalid", "203.0.113.1"])
def test_a_host_of_another_machine_prints_one_line_and_exits_with_1(host: str) -> None:
    done = run("serve", "--insecure", "--host", host, "--port", "0")
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"ollama-openai-proxy: cannot listen on {host}:0: ")


def test_serve_runs_without_a_backend_until_sigterm(tmp_path: Path) -> None:
    with serving(tmp_path, "--log-level", "debug") as service:
        response = httpx.get(f"{service.url}/api/tags", timeout=HANG)
        assert response.status_code == 502
        assert "cannot connect to the backend" in response.json()["error"]
        service.wait_for(
            "WARNING ollama_openai_proxy.startup_report: backend_unavailable backend=127.0.0.1: "
            "cannot connect to the backend at 127.0.0.1:9: connection refused"
        )
        assert service.stop(signal.SIGTERM) == 0
        assert "DEBUG" in service.log()
        assert "very-secret" not in service.log()
        assert "Traceback" not in service.log()


def test_serve_listens_on_the_given_address_and_exits_with_0_on_ctrl_c(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "http://localhost", OLLAMA_HOST="0.0.0.0:1") as service:
        port = service.url.rpartition(":")[2]
        assert f"listening on http://127.0.0.1:{port}, " in service.log()
        assert service.stop(signal.SIGINT) == 0
        assert "Traceback" not in service.log()


def test_several_workers_use_the_same_settings(tmp_path: Path) -> None:
    arguments = ["--workers", "2", "--log-level", "debug", "--backend-url", "http://127.0.0.1:7/v1"]
    with serving(tmp_path, *arguments, **{f"{PREFIX}VERSION": "0.24.9"}) as service:
        for _ in range(8):  # separate connections, so that both workers get some
            version = httpx.get(f"{service.url}/api/version", timeout=HANG)
            assert version.json() == {"version": "0.24.9"}
            tags = httpx.get(f"{service.url}/api/tags", timeout=HANG)
            assert (tags.status_code, "127.0.0.1:7" in tags.text) == (502, True), tags.text
        assert service.stop(signal.SIGTERM) == 0
        assert "very-secret" not in service.log()
        assert "Traceback" not in service.log()
    with pytest.raises(httpx.ConnectError):
        httpx.get(service.url, timeout=HANG)
