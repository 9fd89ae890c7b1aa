"""The service in this process, on a backend that says what it is told."""

import os
from collections.abc import AsyncGenerator, Generator

import httpx
import hypothesis
import pytest
from connexion import AsyncApp

from ollama_openai_proxy.app import create_app
from ollama_openai_proxy.config.settings import Settings, read_settings
from tests.fakes.recorder import RECORDER
from tests.fakes.transport import FakeTransport, Switch

_CURRENT = hypothesis.settings.get_profile(hypothesis.settings.get_current_profile_name())
hypothesis.settings.register_profile(
    "tests",
    _CURRENT,
    deadline=None,
    # A busy machine is no fault of a strategy.
    suppress_health_check=[*_CURRENT.suppress_health_check, hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("tests")

_SLOW = ("tests/contract/test_service.py", "tests/test_server.py", "tests/e2e/")
"""Where a process is busy for longest: these run first, so that all end at about the same time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the slow files first."""
    items.sort(key=lambda item: not item.nodeid.startswith(_SLOW))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither the developer's environment nor a .env file changes what is tested."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "OLLAMA_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path_factory.mktemp("nothing"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """What the service asked of its backend, and what the backend said, is as specified."""
    yield
    marked = item.get_closest_marker("invalid_answers") is not None
    assert _settled(marked) is marked, "marked invalid_answers, though all of them are valid"


def _settled(marked: bool) -> bool:
    """Whether there were answers that are not as specified."""
    requests, answers = RECORDER.taken()
    assert requests == []
    assert marked or answers == []
    return bool(answers)


@pytest.fixture(autouse=True)
def _kept_to_the_contract(request: pytest.FixtureRequest) -> Generator[None]:
    """A test begins with nothing recorded, and what comes after it is held as well."""
    RECORDER.reset()
    yield
    _settled(request.node.get_closest_marker("invalid_answers") is not None)


@pytest.fixture
def settings() -> Settings:
    return read_settings(backend_url="http://backend.test/v1", backend_key="sk-test-secret")


@pytest.fixture
def backend() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
async def client(settings: Settings, backend: FakeTransport) -> AsyncGenerator[httpx.AsyncClient]:
    """A plain HTTP client of the service."""
    app = create_app(settings, backend)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://service.test"
    ) as client:
        yield client


class Kept:
    """One service for the tests of a module, and the backend that it has at the moment."""

    def __init__(self) -> None:
        self.app: AsyncApp | None = None
        self.backend = Switch()


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def kept_client(
    kept: Kept, settings: Settings, backend: FakeTransport
) -> AsyncGenerator[httpx.AsyncClient]:
    """As `client`, in a tenth of the time, for tests to which it does not matter that the service
    has been used before: it knows its models already."""
    if kept.app is None:
        kept.app = create_app(settings, kept.backend)
    kept.backend.to = backend
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(kept.app), base_url="http://service.test"
    ) as client:
        yield client
