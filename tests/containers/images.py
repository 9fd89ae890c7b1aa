"""The image and broken variants of it."""

import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from tests.containers.command import run

ROOT = Path(__file__).parents[2]
NAME = "ollama-openai-proxy"
_CONTEXT = ("src", "generated", "specs", "docker")

FLAWED = """
def _flawed(function):
    calls = 0

    async def every_fifth_fails(*arguments):
        nonlocal calls
        calls += 1
        if calls % 5 == 0:
            raise RuntimeError("planted failure")
        return await function(*arguments)

    return every_fifth_fails


HANDLERS = {**HANDLERS, "chat": WithBody(_flawed(chat), ollama.ChatRequest)}
"""
_PACKAGE = "/usr/local/lib/python3.12/site-packages/ollama_openai_proxy"


def context(folder: Path) -> Path:
    """Copy the build context to `folder`, so that tests can modify it."""
    for name in _CONTEXT:
        run("cp", "-R", ROOT / name, folder)
    for file in [*ROOT.glob("*.*"), ROOT / "LICENSE", ROOT / ".dockerignore"]:
        if file.is_file():
            run("cp", file, folder)
    return folder


def build(tag: str, folder: Path, *options: str) -> None:
    """Build an image. Uses the host's network, since a temporary engine has no bridge."""
    run(
        "docker", "buildx", "build", "--load", "--network", "host", "--tag", tag, *options, folder,
        seconds=400,
    )  # fmt: skip


def derive(tag: str, base: str, *lines: str, folder: Path) -> None:
    (folder / "Dockerfile").write_text("\n".join([f"FROM {base}", *lines, ""]))
    build(tag, folder)


def flaw(folder: Path) -> list[str]:
    """Dockerfile instructions that make every fifth chat fail."""
    (folder / "flaw.py").write_text(FLAWED)
    return [
        "USER 0",
        "COPY flaw.py /flaw.py",
        f"RUN cat /flaw.py >> {_PACKAGE}/handlers/__init__.py",
        "USER 10001:10001",
    ]


def inspect(thing: str) -> Any:
    return msgspec.json.decode(run("docker", "inspect", thing))[0]


def contents(tag: str) -> Iterator[bytes]:
    """Yield the blobs of an image: uncompressed layers, history and configuration."""
    saving = subprocess.Popen(["docker", "save", tag], stdout=subprocess.PIPE)
    assert saving.stdout is not None
    with saving, tarfile.open(fileobj=saving.stdout, mode="r|") as image:
        for member in image:
            data = image.extractfile(member)
            if data is not None:
                blob = data.read()
                yield zlib.decompress(blob, 31) if blob.startswith(b"\x1f\x8b") else blob
