"""The image and what is composed of it, in a real engine: run by scripts/containers."""

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
    """Whoever ends this ends what it has started."""

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)


@pytest.fixture(scope="session")
def own_engine() -> Iterator[bool]:
    """Whether the engine is ours alone, so that a test may do to it what it likes."""
    with some_engine() as own:
        yield own


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it, in which secrets lie about."""
    folder = images.context(tmp_path_factory.mktemp("checkout"))
    for name in PLANTED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"OPENAI_API_KEY={SECRET}\n")
    return folder


@pytest.fixture(scope="session")
def image(own_engine: bool, checkout: Path) -> str:
    """Built from the Dockerfile as it is."""
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
    """The table; Failed where the service does not serve."""
    return run(
        sys.executable, images.ROOT / "scripts/smoke", url, "--wait", "20", *options,
        env={**os.environ, "SMOKE_KEY": key or ""},
    )  # fmt: skip
