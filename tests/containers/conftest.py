"""Tests of the image and the Compose files with a real Docker engine: scripts/containers."""

import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import pytest

from tests.containers import images
from tests.containers.command import run
from tests.containers.engine import engine as some_engine

collect_ignore_glob = [] if os.environ.get("CONTAINERS") == "1" else ["test_*.py"]

SECRET = "sk-planted-0b5f7e1c9d3a"
PLANTED = (
    ".env",
    "src/.env",
    "docker/secrets/api_keys",
    ".git/config",
    "docker/environments/my.env",
)


def pytest_configure(config: pytest.Config) -> None:
    """Let SIGTERM run the fixtures' cleanup, so that containers and the engine are removed."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


@pytest.fixture(scope="session")
def own_engine() -> Iterator[bool]:
    """Whether the tests started the engine themselves and may change its state."""
    with some_engine() as own:
        yield own


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with planted secrets."""
    folder = images.context(tmp_path_factory.mktemp("checkout"))
    for name in PLANTED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"OPENAI_API_KEY={SECRET}\n")
    return folder


@pytest.fixture(scope="session")
def image(own_engine: bool, checkout: Path) -> str:
    """The tag of the image built from docker/Dockerfile."""
    arguments = {
        "VERSION": run(images.ROOT / "scripts/version"),
        "REVISION": "0123456789abcdef",
        "CREATED": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    options = [
        part for name, text in arguments.items() for part in ("--build-arg", f"{name}={text}")
    ]
    tag = f"{images.NAME}:a"
    images.build(tag, checkout, "--file", f"{checkout}/docker/Dockerfile", *options)
    return tag


def smoke(url: str, key: str | None = None, *options: str) -> str:
    """Run scripts/smoke and return its table. Raises Failed if a check fails."""
    return run(
        sys.executable, images.ROOT / "scripts/smoke", url, "--wait", "20", *options,
        env={**os.environ, "SMOKE_KEY": key or ""},
    )  # fmt: skip
