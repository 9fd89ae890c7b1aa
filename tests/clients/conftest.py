"""Unmodified client packages against the service: run by scripts/test-clients.

Each has an environment of its own, so that a plain run of the tests does not collect these.
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
        "markers", "check(name, *needs): the check that a test is part of, and what else it needs"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test is run for each client that lacks nothing of what its marker `check` names."""
    marker = metafunc.definition.get_closest_marker("check")
    assert marker is not None, "which check is it?"
    able = [client for client in CLIENTS if not client.lacks & set(marker.args)]
    metafunc.parametrize("client", able, ids=[client.folder for client in able])


@pytest.fixture(scope="session")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drive]:
    """The driver of a client, started when it is first asked for."""
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
def hold(request: pytest.FixtureRequest, client: Client) -> Callable[[bool, object], None]:
    """Asserts what is true of every client but those that are known to be wrong just there."""
    [check, *_] = request.node.get_closest_marker("check").args
    fault = client.bugs.get(check)

    def hold(fact: bool, told: object) -> None:
        if fault is None:
            assert fact, told
        else:
            assert not fact, f"no longer true: the client {fault}"
            pytest.xfail(f"the client {fault}")

    return hold


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
    with serving("over a script", directory, "--backend-url", _backend.url) as service:
        yield service


@pytest.fixture
def script(_backend: ScriptedBackend) -> ScriptedBackend:
    """What the scripted backend is to say, and what it was asked."""
    _backend.reset()
    return _backend


@pytest.fixture
def host(_scripted: Service) -> str:
    """The service over the scripted backend, which lists gpt-4o and text-embedding-3-small."""
    return _scripted.url


@pytest.fixture(scope="session")
def real_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service over llama.cpp and a small model."""
    directory = tmp_path_factory.mktemp("real")
    with serving("over a model", directory, "--local", **ENFORCED) as service:
        yield service.url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keeps what came of each check; a failure shows what was logged."""
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
            lent: Any = item.funcargs.get(name)
            if lent is not None:
                report.sections.append((f"Log of the {name}", lent.log()[-2000:]))
    return report


def _outcome(report: pytest.TestReport) -> str:
    return "bug" if report.skipped and hasattr(report, "wasxfail") else report.outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the tables, where every check was run."""
    table.write(session.config.stash.get(_OUTCOMES, {}))
