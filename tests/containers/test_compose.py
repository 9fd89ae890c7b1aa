"""The Compose files that users start manually."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.containers import images
from tests.containers.command import run
from tests.containers.conftest import smoke
from tests.containers.production import free_port

COMBINATIONS = [
    "compose.yaml",
    "compose.yaml compose.dev.yaml",
    "compose.yaml compose.monitoring.yaml",
    "compose.prod.yaml",
    "compose.prod.yaml compose.monitoring.yaml",
]


def compose(folder: Path, files: str, *command: str, **environment: str) -> str:
    given = [part for file in files.split() for part in ("--file", str(folder / "docker" / file))]
    variables = {**os.environ, "BUILD_NETWORK": "host", "IMAGE": f"{images.NAME}:a", **environment}
    return run("docker", "compose", *given, *command, env=variables)


@contextmanager
def up(folder: Path, files: str, *options: str, **environment: str) -> Iterator[str]:
    port = str(free_port())
    environment = {"PORT": port, "COMPOSE_PROJECT_NAME": f"{images.NAME}-{port}", **environment}
    try:
        compose(folder, files, *options, "up", "--detach", "--wait", **environment)
        yield f"http://127.0.0.1:{port}"
    except BaseException:
        print(
            compose(folder, files, *options, "logs", "--tail", "40", **environment), file=sys.stderr
        )
        raise
    finally:
        compose(folder, files, *options, "down", "--volumes", "--timeout", "5", **environment)


@pytest.mark.parametrize("files", COMBINATIONS)
def test_each_combination_of_files_is_valid(own_engine: bool, files: str) -> None:
    composed = compose(images.ROOT, files, "config")
    assert "read_only: true" in composed
    assert "published:" in composed


def test_the_port_is_on_the_loopback_if_no_key_is_required(own_engine: bool) -> None:
    composed = compose(images.ROOT, "compose.yaml compose.dev.yaml", "config")
    assert composed.count("published:") == composed.count("host_ip: 127.0.0.1") == 1


def test_the_local_profile_serves_a_model(image: str, checkout: Path) -> None:
    """The profile runs llama.cpp in a second container, built from the same Dockerfile."""
    backend = "http://llama:11434/v1"
    compose(checkout, "compose.yaml", "--profile", "local", "build", "--quiet", "llama")
    with up(checkout, "compose.yaml", "--profile", "local", OPENAI_BASE_URL=backend) as url:
        table = smoke(url, None, "--embedding-model", "smollm2:135m")
    print(table, file=sys.stderr)
    rows = {line[:15].strip(): line for line in table.splitlines()}
    assert "smollm2" in rows["show"]
    assert "characters" in rows["chat streamed"]
    assert "numbers" in rows["embed"]


def test_the_development_service_reloads_changed_files(image: str, checkout: Path) -> None:
    source = checkout / "src/ollama_openai_proxy/handlers/version.py"
    text = source.read_text()
    files = "compose.yaml compose.dev.yaml"
    with up(checkout, files, COMPOSE_PROFILES="", OPENAI_BASE_URL="http://127.0.0.1:9/v1") as url:
        assert _greeting(url) == "Ollama is running"
        source.write_text(text.replace("Ollama is running", "Ollama was reloaded"))
        deadline = time.monotonic() + 30
        while _greeting(url) != "Ollama was reloaded":
            assert time.monotonic() < deadline, "the service was not reloaded"
            time.sleep(0.2)


def _greeting(url: str) -> str | None:
    try:
        return httpx.get(url, timeout=2).text
    except httpx.HTTPError:  # the service is restarting
        return None
