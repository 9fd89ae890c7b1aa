"""Environment variables of subprocesses, and tests that need software that is not installed."""

import os
from typing import NoReturn

import pytest


def clean() -> dict[str, str]:
    """The environment variables without the developer's settings and HTTP proxies."""
    return {name: value for name, value in os.environ.items() if not is_unwanted(name)}


def is_unwanted(name: str) -> bool:
    """Whether the variable is a setting of the service or an HTTP proxy."""
    return name.startswith(("OPENAI_", "OLLAMA_")) or name.upper().endswith("_PROXY")


def lacking(reason: str) -> NoReturn:
    """Skip the test; in CI, where everything must be installed, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
