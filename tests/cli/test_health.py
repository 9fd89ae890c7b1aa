"""The `health` command, which a container's HEALTHCHECK runs."""

import os
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ollama_openai_proxy.config.settings import Settings
from tests.fakes.limits import HANG
from tests.fakes.service import running
from tests.fakes.transport import FakeTransport, json_reply

COMMAND = [sys.executable, "-m", "ollama_openai_proxy", "health"]
ALLOWED = {
    "ollama_openai_proxy",
    "ollama_openai_proxy.cli",
    "ollama_openai_proxy.cli.health",
    "ollama_openai_proxy.config",
    "ollama_openai_proxy.config.addresses",
}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )


async def run_async(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    import asyncio

    return await asyncio.to_thread(lambda: run(*arguments, **variables))


@asynccontextmanager
async def port_of(settings: Settings, backend: FakeTransport) -> AsyncGenerator[int]:
    async with running(settings, backend) as url:
        port = urlsplit(url).port
        assert port is not None
        yield port


async def test_a_healthy_service_prints_one_line_and_exits_with_0(
    settings: Settings, backend: FakeTransport
) -> None:
    async with port_of(settings, backend) as port:
        url = f"http://127.0.0.1:{port}"
        for arguments, variables, path, body in [
            ((), {"OLLAMA_HOST": f"127.0.0.1:{port}"}, "/healthz", '{"status":"ok"}'),
            ((), {"OLLAMA_HOST": f"0.0.0.0:{port}"}, "/healthz", '{"status":"ok"}'),
            (("--url", url + "/"), {"OLLAMA_HOST": "nonsense"}, "/healthz", '{"status":"ok"}'),
            (("--url", url, "--ready"), {}, "/readyz", '{"status":"ready"}'),
        ]:
            done = await run_async(*arguments, **variables)
            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout == f"{url.rstrip('/')}{path}: 200 {body}\n"


async def test_a_service_that_is_not_ready_prints_the_reason_and_exits_with_1(
    settings: Settings, backend: FakeTransport
) -> None:
    backend.reply("/models", json_reply({}, 500))
    async with port_of(settings, backend) as port:
        done = await run_async("--ready", OLLAMA_HOST=f":{port}")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.endswith(
            '503 {"status":"not ready","reasons":["the backend returns status 500"]}\n'
        )
        assert (await run_async(OLLAMA_HOST=f":{port}")).returncode == 0, (
            "the service is still healthy"
        )


def test_an_unreachable_service_prints_one_line_and_exits_with_1() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        done = run(OLLAMA_HOST=f"127.0.0.1:{port}")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"http://127.0.0.1:{port}/healthz: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("url", ["localhost:1", "ftp://x", "http://", "http://x:y"])
def test_an_invalid_url_prints_one_line_and_exits_with_1(url: str) -> None:
    done = run("--url", url)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_ollama_host_may_be_ipv6_and_may_be_in_a_dotenv_file(tmp_path: Path) -> None:
    assert run(OLLAMA_HOST="[::]:9").stderr.startswith("http://[::1]:9/healthz: ")
    Path(".env").write_text("OLLAMA_HOST=127.0.0.1:7\n")  # each test runs in its own directory
    assert run().stderr.startswith("http://127.0.0.1:7/healthz: ")


def test_the_health_command_imports_almost_nothing() -> None:
    code = (
        "import sys; sys.argv = ['x', 'health', '--url', 'http://127.0.0.1:9']\n"
        "from ollama_openai_proxy.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path += {sys.path!r}\n{code}"],
        capture_output=True, text=True, timeout=HANG, check=True,
    )  # fmt: skip
    loaded = set(done.stdout.split())
    ours = {name for name in loaded if name.startswith("ollama_openai_proxy")}
    assert ours <= ALLOWED | {"ollama_openai_proxy.__main__"}
    assert not loaded & {"uvicorn", "pydantic", "httpx", "asyncio", "connexion", "dotenv"}
