"""Tests of the service with unmodified client packages. Run by scripts/test-clients.

They need an environment for each client, so they are only collected if CLIENTS=1.
"""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.clients import table
from tests.clients.driver import Driver, driving
from tests.clients.matrix import CLIENTS, Client
from tests.e2e.process import ENFORCED, Service, serving
from tests.e2e.scripted_backend import ScriptedBackend, scripted

collect_ignore_glob = [] if os.environ.get("CLIENTS") == "1" else ["test_*.py"]

type Drive = Callable[[Client], Driver]

_MODELS = [
    {"id": "gpt-4o", "capabilities": ["completion", "vision", "tools", "thinking"]},
    {"id": "text-embedding-3-small"},
]
_OUTCOMES = pytest.StashKey[table.Outcomes]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "check(name, *needs): the check that a test belongs to, and other features that it needs",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test for every client that has all features named by the marker `check`."""
    marker = metafunc.definition.get_closest_marker("check")
    assert marker is not None, "the test has no marker `check`"
    supported = [client for client in CLIENTS if not client.lacks & set(marker.args)]
    metafunc.parametrize("client", supported, ids=[client.folder for client in supported])


@pytest.fixture(scope="session")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drive]:
    """Return the driver of a client. It is started when it is first needed."""
    drivers: dict[str, Driver] = {}
    with ExitStack() as stack:

        def drive(client: Client) -> Driver:
            if client.folder not in drivers:
                directory = tmp_path_factory.mktemp(client.folder)
                drivers[client.folder] = stack.enter_context(driving(client, directory))
            return drivers[client.folder]

        yield drive


@pytest.fixture
def driver(drive: Drive, client: Client) -> Driver:
    return drive(client)


@pytest.fixture
def expect(request: pytest.FixtureRequest, client: Client) -> Callable[[bool, object], None]:
    """Assert a fact for every client; expect it to be false for clients with a known bug."""
    [check, *_] = request.node.get_closest_marker("check").args
    bug = client.bugs.get(check)

    def expect(fact: bool, result: object) -> None:
        if bug is None:
            assert fact, result
        else:
            assert not fact, f"this known bug is fixed: the client {bug}"
            pytest.xfail(f"the client {bug}")

    return expect


@pytest.fixture(scope="session")
def _backend() -> Iterator[ScriptedBackend]:
    with scripted() as backend:
        backend.models = {"object": "list", "data": _MODELS}
        yield backend


@pytest.fixture(scope="session")
def _scripted(
    _backend: ScriptedBackend, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    directory = tmp_path_factory.mktemp("scripted")
    with serving("with a scripted backend", directory, "--backend-url", _backend.url) as service:
        yield service


@pytest.fixture
def script(_backend: ScriptedBackend) -> ScriptedBackend:
    """The scripted backend: enqueue replies before the test, check its requests afterwards."""
    _backend.reset()
    return _backend


@pytest.fixture
def host(_scripted: Service) -> str:
    """The URL of the service with the scripted backend. Lists gpt-4o and text-embedding-3-small."""
    return _scripted.url


@pytest.fixture(scope="session")
def real_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the service with llama.cpp and a small model."""
    directory = tmp_path_factory.mktemp("real")
    with serving("with a model", directory, "--local", **ENFORCED) as service:
        yield service.url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Store the outcome of each check; add logs to the report of a failed test."""
    report = yield
    marker = item.get_closest_marker("check")
    if marker is None or not isinstance(item, pytest.Function):
        return report
    outcomes = item.config.stash.setdefault(_OUTCOMES, {})
    if report.when == "call" or report.failed:
        client: Any = item.callspec.params["client"]
        outcomes.setdefault((client.folder, marker.args[0]), []).append(_outcome(report))
    if report.failed:
        for name in ("driver", "_scripted"):
            fixture: Any = item.funcargs.get(name)
            if fixture is not None:
                report.sections.append((f"Log of the {name}", fixture.log()[-2000:]))
    return report


def _outcome(report: pytest.TestReport) -> str:
    return "bug" if report.skipped and hasattr(report, "wasxfail") else report.outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Update docs/compatibility.md if every check was run."""
    table.write(session.config.stash.get(_OUTCOMES, {}))
