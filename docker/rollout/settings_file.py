"""The settings file of an environment: NAME=value lines, as Compose and the shell read them."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

DOCKER = Path(__file__).parents[1]
_SECRETS = {"API_KEYS_FILE": "secrets/api_keys", "BACKEND_KEY_FILE": "secrets/backend_key"}


class NoSuchEnvironment(Exception):
    """The message names those that are."""


def read_environment(name: str) -> dict[str, str]:
    """The variables for an orchestrator: ours, over which the file's, over which the process's own."""
    files = {file.stem: file for file in (DOCKER / "environments").glob("*.env")}
    if name not in files:
        raise NoSuchEnvironment(f"{name} is none of {', '.join(sorted(files))}")
    lines = files[name].read_text("utf-8").splitlines()
    settings = dict(
        line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")
    )
    variables = {**settings, **os.environ}
    return {**_versions(variables), **variables}


def secret_files(variables: Mapping[str, str]) -> list[Path]:
    return [DOCKER / (variables.get(name) or default) for name, default in _SECRETS.items()]


def _versions(variables: Mapping[str, str]) -> dict[str, str]:
    """What Swarm cannot change under its name gets a name by what the files hold."""
    files = {
        "CONFIGS_VERSION": [DOCKER / "haproxy.cfg"],
        "SECRETS_VERSION": secret_files(variables),
    }
    return {version: _digest(paths) for version, paths in files.items()}


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:12]
