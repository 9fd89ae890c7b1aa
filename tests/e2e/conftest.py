"""Two services as subprocesses: one with a real model, one with a scripted backend."""

import os
from collections.abc import Generator, Iterator

import pytest

from tests.e2e import environment
from tests.e2e.process import ENFORCED, NotStarted, Service, serving
from tests.e2e.scripted_backend import ScriptedBackend, scripted

VIOLATION = "violates the specification"
"""Part of the log message about a contract violation."""
_RUNNING = pytest.StashKey[list[Service]]()


@pytest.fixture(autouse=True)
def _no_proxy_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clients in this process connect to the loopback directly."""
    for name in filter(environment.is_unwanted, list(os.environ)):
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_violations(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail if the service logs a contract violation. Only its log shows the backend side."""
    before = [(service, len(service.log())) for service in _running(request.config)]
    yield
    for service, read in before:
        assert VIOLATION not in service.log()[read:]


@pytest.fixture(scope="session")
def model() -> str:
    """The name of the real model."""
    return "smollm2:135m"


@pytest.fixture(scope="session")
def real_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of the service with a real model."""
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
    """The URL of the service with a scripted backend, which lists the model gpt-4o."""
    directory = tmp_path_factory.mktemp("scripted")
    name = "the service with a scripted backend"
    with serving(name, directory, "--backend-url", _backend.url) as service:
        _running(request.config).append(service)
        yield service.url


@pytest.fixture
def script(_backend: ScriptedBackend) -> ScriptedBackend:
    """The scripted backend: enqueue replies before the test, check its requests afterwards."""
    _backend.reset()
    return _backend


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the logs of the services to the report of a failed test."""
    report = yield
    if report.failed:
        for service in _running(item.config):
            report.sections.append((f"Log of {service.name}", service.log()[-4000:]))
    return report


def _running(config: pytest.Config) -> list[Service]:
    return config.stash.setdefault(_RUNNING, [])
