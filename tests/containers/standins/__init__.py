"""Replacements for official images, built once and cached, for machines without a registry.

They have the names of the official images, so that the Dockerfile and the Compose files are tested
unchanged.
"""

import os
import sys
from pathlib import Path

from tests.containers.command import run, succeeds

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ollama-openai-proxy"
_HERE = Path(__file__).parent
_DEBIAN = "debian:standin"
_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_LIBRARIES = (
    "ca-certificates,netbase,tzdata,libssl3,libffi8,libsqlite3-0,libbz2-1.0,liblzma5,libreadline8,"
    "zlib1g,libuuid1,libncursesw6,libexpat1"
)


def import_images(state: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    for name, make in {"python:3.12-slim": _python, "haproxy:3.2": _haproxy}.items():
        if succeeds("docker", "image", "inspect", name):
            continue
        cached = CACHE / f"{name.replace(':', '-')}-{_VERSION}.tar"
        if not cached.exists():
            make(state, name)
            part = cached.with_suffix(".part")
            run("docker", "save", "--output", part, name)
            part.rename(cached)
        run("docker", "load", "--input", cached)


def _python(state: Path, name: str) -> None:
    _debian(state)
    authorities = os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt"
    run(
        "docker", "buildx", "build", "--load", "--network", "none", "--tag", name,
        "--build-arg", f"VERSION={_VERSION}", "--secret", f"id=authorities,src={authorities}", "--file", _HERE / "python.Dockerfile",
        sys.base_prefix,
    )  # fmt: skip


def _haproxy(state: Path, name: str) -> None:
    _debian(state)
    file = _HERE / "haproxy.Dockerfile"
    run(
        "docker", "buildx", "build", "--load", "--network", "host", "--tag", name, "--file", file, _HERE
    )  # fmt: skip


def _debian(state: Path) -> None:
    """Import a minimal image of the Debian release that this machine runs."""
    if succeeds("docker", "image", "inspect", _DEBIAN):
        return
    tar = state / "debian.tar"
    excludes = [
        f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("man", "doc", "locale")
    ]
    run(
        "mmdebstrap", "--quiet", "--variant=minbase", *excludes, f"--include={_LIBRARIES}",
        "--customize-hook=rm -rf \"$1\"/var/lib/apt/lists/*", _release(), tar, seconds=600,
    )  # fmt: skip
    path = "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
    run("docker", "import", "--change", f"ENV {path}", tar, _DEBIAN)


def _release() -> str:
    fields = dict(
        line.split("=", 1)
        for line in Path("/etc/os-release").read_text().splitlines()
        if "=" in line
    )
    return fields["VERSION_CODENAME"].strip('"')
