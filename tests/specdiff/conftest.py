"""Fixtures of the specdiff tests."""

import pytest

from scripts.specdiff.drift import OASDIFF
from tests.e2e.environment import lacking


@pytest.fixture
def oasdiff() -> None:
    """Skip the test if oasdiff is not installed; in CI, fail."""
    if not OASDIFF.exists():
        lacking("oasdiff is not installed: run scripts/install-oasdiff")
