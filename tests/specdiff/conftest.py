import pytest

from scripts.specdiff.drift import OASDIFF
from tests.e2e.environment import lacking


@pytest.fixture
def oasdiff() -> None:
    """For tests that run oasdiff."""
    if not OASDIFF.exists():
        lacking("oasdiff is not installed: scripts/install-oasdiff")
