"""The settings file of an environment: NAME=value lines that Compose and the shell can read."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

DOCKER = Path(__file__).parents[1]
_SECRETS = {"API_KEYS_FILE": "secrets/api_keys", "BACKEND_KEY_FILE": "secrets/backend_key"}


class NoSuchEnvironment(Exception):
    """There is no settings file for the environment. The message lists the environments."""


def read_environment(name: str) -> dict[str, str]:
    """The variables for an orchestrator.

    In order of precedence: the environment variables of the process, the settings file, and the
    versions of Swarm's secrets and configs. Raises NoSuchEnvironment.
    """
    files = {file.stem: file for file in (DOCKER / "environments").glob("*.env")}
    if name not in files:
        known = ", ".join(sorted(files))
        raise NoSuchEnvironment(f"unknown environment {name!r}: expected one of {known}")
    lines = files[name].read_text("utf-8").splitlines()
    settings = dict(
        line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")
    )
    variables = {**settings, **os.environ}
    return {**_versions(variables), **variables}


def secret_files(variables: Mapping[str, str]) -> list[Path]:
    return [DOCKER / (variables.get(name) or default) for name, default in _SECRETS.items()]


def _versions(variables: Mapping[str, str]) -> dict[str, str]:
    """Digests of the files, which become part of the names of Swarm's secrets and configs.

    Swarm cannot change a secret or config, so different content needs a different name.
    """
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
