"""Fixtures: the service inside the test process, connected to a fake backend."""

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
    # Generation is also slow when the machine is busy.
    suppress_health_check=[*_CURRENT.suppress_health_check, hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("tests")

_SLOW = ("tests/contract/test_service.py", "tests/test_server.py", "tests/e2e/")
"""The slowest tests. They run first, so that all xdist workers finish at about the same time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slow files first."""
    items.sort(key=lambda item: not item.nodeid.startswith(_SLOW))


@pytest.fixture(autouse=True)
def _isolate_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Hide the developer's environment variables and .env file from the settings."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "OLLAMA_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path_factory.mktemp("nothing"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Check that all requests to the backend, and its responses, match specs/openai.yaml."""
    yield
    marked = item.get_closest_marker("invalid_answers") is not None
    assert _check_recorded(marked) is marked, (
        "marked invalid_answers, but every response of the backend was valid"
    )


def _check_recorded(marked: bool) -> bool:
    """Whether the backend sent invalid responses. Fails for an invalid request, and for an invalid
    response unless the test is `marked`."""
    requests, responses = RECORDER.taken()
    assert requests == []
    assert marked or responses == []
    return bool(responses)


@pytest.fixture(autouse=True)
def _check_contract(request: pytest.FixtureRequest) -> Generator[None]:
    """Start each test with an empty recorder, and check the traffic of its teardown as well."""
    RECORDER.reset()
    yield
    _check_recorded(request.node.get_closest_marker("invalid_answers") is not None)


@pytest.fixture
def settings() -> Settings:
    return read_settings(backend_url="http://backend.test/v1", backend_key="sk-test-secret")


@pytest.fixture
def backend() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
async def client(settings: Settings, backend: FakeTransport) -> AsyncGenerator[httpx.AsyncClient]:
    """An HTTP client connected to a new service."""
    app = create_app(settings, backend)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://service.test"
    ) as client:
        yield client


class Kept:
    """The service shared by the tests of a module, and its current backend."""

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
    """Like `client`, but ten times as fast: the service is shared by the tests of the module.

    Its model list may already be cached.
    """
    if kept.app is None:
        kept.app = create_app(settings, kept.backend)
    kept.backend.to = backend
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(kept.app), base_url="http://service.test"
    ) as client:
        yield client
