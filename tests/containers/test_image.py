"""The contents and metadata of the image, and its behaviour as a container."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.containers import backend, images
from tests.containers.command import Failed, run
from tests.containers.conftest import SECRET, smoke

SIZE_LIMIT = 200_000_000
OFFICIAL_BASE = 130_000_000  # python:3.12-slim, rounded up; a replacement may be larger
UID = 10001


@pytest.fixture(scope="module")
def network(own_engine: bool) -> Iterator[str]:
    name = f"{images.NAME}-test"
    run("docker", "network", "create", name)
    yield name
    run("docker", "network", "rm", name)


@pytest.fixture(scope="module")
def backend_url(image: str, network: str) -> Iterator[str]:
    script = f"type=bind,source={backend.__file__},target=/backend.py,readonly"
    container = run(
        "docker", "run", "--detach", "--network", network, "--network-alias", "backend", "--no-healthcheck",
        "--mount", script, "--entrypoint", "python", image, "/backend.py",
    )  # fmt: skip
    yield "http://backend:8080/v1"
    run("docker", "rm", "--force", container)


@pytest.fixture
def container(image: str, network: str, backend_url: str) -> Iterator[str]:
    """A healthy container with the recommended restrictions."""
    name = run(
        "docker", "run", "--detach", "--network", network, "--publish", "127.0.0.1::11434",
        "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "256m",
        "--pids-limit", "64", "--health-interval", "1s", "--env", f"OPENAI_BASE_URL={backend_url}",
        "--env", "OLLAMA_OPENAI_PROXY_INSECURE=true", image,
    )  # fmt: skip
    try:
        wait_until_healthy(name)
        yield name
    finally:
        run("docker", "rm", "--force", name)


def wait_until_healthy(name: str) -> None:
    deadline = time.monotonic() + 30
    while (health := images.inspect(name)["State"]["Health"])["Status"] != "healthy":
        assert time.monotonic() < deadline, (health, run("docker", "logs", name))
        time.sleep(0.2)


def url(container: str) -> str:
    return "http://" + run("docker", "port", container, "11434/tcp").splitlines()[0]


def test_the_image_is_at_most_200_mb(image: str) -> None:
    """Measured as the size added to the base image, plus the size of the official base image."""
    base = images.inspect("python:3.12-slim")
    ours = images.inspect(image)
    added = ours["Size"] - base["Size"]
    print(f"added {added / 1e6:.1f} MB, base {base['Size'] / 1e6:.1f} MB", file=sys.stderr)
    assert ours["RootFS"]["Layers"][: len(base["RootFS"]["Layers"])] == base["RootFS"]["Layers"]
    assert added <= SIZE_LIMIT - OFFICIAL_BASE


def test_the_image_has_labels_user_health_check_and_stop_signal(image: str) -> None:
    config = images.inspect(image)["Config"]
    labels = {
        name.removeprefix("org.opencontainers.image."): text
        for name, text in config["Labels"].items()
    }
    assert labels["version"] == run(images.ROOT / "scripts/version")
    assert labels["revision"] == "0123456789abcdef"
    assert labels["created"].startswith("20")
    assert labels["licenses"] == "MIT"
    assert config["User"] == f"{UID}:{UID}"
    assert config["Healthcheck"]["Test"] == ["CMD", "ollama-openai-proxy", "health"]
    assert config["StopSignal"] == "SIGTERM"


def test_the_image_contains_no_secret_of_the_checkout(image: str, checkout: Path) -> None:
    assert SECRET in (checkout / ".env").read_text()
    blobs = list(images.contents(image))
    # The history and the files were read.
    assert any(b"org.opencontainers.image.licenses" in blob for blob in blobs)
    assert any(b"Serves the Ollama HTTP API" in blob for blob in blobs)
    assert not any(SECRET.encode() in blob for blob in blobs)


def test_the_image_contains_no_compiler_and_no_pip(image: str) -> None:
    tools = "for tool in cc gcc make pip; do ! command -v $tool || exit 1; done; ! python -m pip"
    packages = (
        "find /usr/local/lib -path '*/site-packages/*' -maxdepth 4 -type d -name '*.dist-info'"
    )
    bare = ("docker", "run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-c")
    run(*bare, tools)
    installed = {Path(line).name.split("-")[0] for line in run(*bare, packages).splitlines()}
    assert {"ollama_openai_proxy", "uvicorn"} <= installed
    assert not installed & {"pip", "setuptools", "wheel", "hatchling", "pytest"}


def test_the_container_exits_without_api_keys(image: str) -> None:
    with pytest.raises(Failed, match="OLLAMA_OPENAI_PROXY_API_KEYS"):
        run("docker", "run", "--rm", "--network", "none", image)


def test_the_container_serves_as_an_unprivileged_user_on_a_read_only_file_system(
    container: str,
) -> None:
    assert run("docker", "exec", container, "id", "-u") == str(UID)
    run("docker", "exec", container, "sh", "-c", "! touch /written 2>/dev/null")
    print(smoke(url(container)), file=sys.stderr)


def test_an_open_stream_is_completed_after_sigterm(container: str) -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "12 0.25"}]}
    begun = threading.Event()

    def stream() -> list[str]:
        lines = []
        with httpx.stream("POST", f"{url(container)}/api/chat", json=body, timeout=30) as response:
            for line in response.iter_lines():
                lines.append(line)
                begun.set()
        return lines

    with ThreadPoolExecutor(1) as pool:
        streaming = pool.submit(stream)
        assert begun.wait(10)
        stopping = subprocess.Popen(
            ["docker", "stop", "--time", "20", container], stdout=subprocess.DEVNULL
        )
        lines = streaming.result(30)
        assert stopping.wait(30) == 0
    assert json.loads(lines[-1])["done"] is True
    assert len(lines) == 13
    state = images.inspect(container)["State"]
    assert (state["ExitCode"], state["OOMKilled"]) == (0, False)
