"""What the machine has, and what a process of ours is to see of it."""

import os
from typing import NoReturn

import pytest


def clean() -> dict[str, str]:
    """The environment without the developer's settings, and without a proxy before the loopback."""
    return {name: value for name, value in os.environ.items() if not is_unwanted(name)}


def is_unwanted(name: str) -> bool:
    return name.startswith(("OPENAI_", "OLLAMA_")) or name.upper().endswith("_PROXY")


def lacking(reason: str) -> NoReturn:
    """Skips a test that cannot run here; in CI, where everything is to run, it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
