"""Two services in processes of their own: over a real model, and over a scripted backend."""

import os
from collections.abc import Generator, Iterator

import pytest

from tests.e2e import environment
from tests.e2e.process import ENFORCED, NotStarted, Service, serving
from tests.e2e.scripted_backend import ScriptedBackend, scripted

BREACH = "is not as specified"
_RUNNING = pytest.StashKey[list[Service]]()


@pytest.fixture(autouse=True)
def _no_proxy_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clients in this process reach the loopback as it is."""
    for name in filter(environment.is_unwanted, list(os.environ)):
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _as_specified(request: pytest.FixtureRequest) -> Iterator[None]:
    """What passes between a service and a real model is, which only its log can tell."""
    before = [(service, len(service.log())) for service in _running(request.config)]
    yield
    for service, read in before:
        assert BREACH not in service.log()[read:]


@pytest.fixture(scope="session")
def model() -> str:
    """The name of the real model."""
    return "smollm2:135m"


@pytest.fixture(scope="session")
def real_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The service over a real model."""
    name = "the service with a model"
    try:
        directory = tmp_path_factory.mktemp("real")
        with serving(name, directory, "--local", **ENFORCED) as service:
            _running(request.config).append(service)
            yield service.url
    except NotStarted as error:
        if "--local needs" in str(error):
            environment.lacking(f"{error}\nrun scripts/install")
        raise


@pytest.fixture(scope="session")
def _backend() -> Iterator[ScriptedBackend]:
    with scripted() as backend:
        yield backend


@pytest.fixture(scope="session")
def scripted_url(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    _backend: ScriptedBackend,
) -> Iterator[str]:
    """The service over a scripted backend, which lists the model gpt-4o."""
    directory = tmp_path_factory.mktemp("scripted")
    name = "the service with a script"
    with serving(name, directory, "--backend-url", _backend.url) as service:
        _running(request.config).append(service)
        yield service.url


@pytest.fixture
def script(_backend: ScriptedBackend) -> ScriptedBackend:
    """What the scripted backend is to say, and what it was asked."""
    _backend.reset()
    return _backend


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what the services logged."""
    report = yield
    if report.failed:
        for service in _running(item.config):
            report.sections.append((f"Log of {service.name}", service.log()[-4000:]))
    return report


def _running(config: pytest.Config) -> list[Service]:
    return config.stash.setdefault(_RUNNING, [])
