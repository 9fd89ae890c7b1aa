"""Replicas behind the load balancer: a killed replica, updates, and rollbacks of bad versions."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.containers import images
from tests.containers.command import run
from tests.containers.conftest import smoke
from tests.containers.load import load, long_stream
from tests.containers.production import KEY, Production, production

A, B, UNHEALTHY, FLAWED = "0.33.0", "0.33.1", "0.33.2", "0.33.3"
FIVE_MINUTES = 300


def orchestrated(*by: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("service", by, indirect=True, scope="module")


@pytest.fixture(scope="module")
def versions(image: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The image tag of each version. Every image reports its version."""
    folder = tmp_path_factory.mktemp("versions")
    lines = {
        B: [],
        UNHEALTHY: ['HEALTHCHECK CMD ["false"]'],
        FLAWED: images.flaw(folder),
    }
    for version, more in lines.items():
        tag = f"{images.NAME}:{version}"
        images.derive(
            tag, image, f"ENV OLLAMA_OPENAI_PROXY_VERSION={version}", *more, folder=folder
        )
    return {A: image, **{version: f"{images.NAME}:{version}" for version in lines}}


@pytest.fixture(scope="module")
def service(
    request: pytest.FixtureRequest,
    own_engine: bool,
    versions: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Production]:
    if request.param == "swarm" and not own_engine and not os.environ.get("CI"):
        pytest.skip("would enable Swarm mode on an existing engine; set CI=true to allow it")
    with production(request.param, versions[A], tmp_path_factory.mktemp("keys")) as running:
        yield running


@orchestrated("compose", "swarm")
def test_requests_with_a_key_are_served(service: Production) -> None:
    assert service.version() == A
    assert len(service.replicas()) == 2
    smoke(service.url, KEY)


@orchestrated("compose")
def test_killing_a_replica_only_breaks_its_open_requests(service: Production) -> None:
    began = [threading.Event() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool, load(service.url, KEY) as running:
        streams = [pool.submit(long_stream, service.url, KEY, event) for event in began]
        assert all(event.wait(10) for event in began)
        victim = service.replicas()[0]
        run("docker", "kill", "--signal", "KILL", victim)
        killed = time.monotonic()
        time.sleep(6)
    ends = [stream.result() for stream in streams]
    assert 0 < ends.count("done") < len(ends), ends
    assert all(end == "done" or "incomplete" in end for end in ends), ends
    assert len(running.since(killed)) > 10
    # Only open requests failed. The requests after the kill reached the other replica.
    assert [one for one in running.failures if one.started > killed] == []
    # Docker does not restart a container that was killed by `docker kill`.
    run("docker", "start", victim)


@orchestrated("swarm")
def test_an_update_loses_no_request(service: Production, versions: dict[str, str]) -> None:
    with load(service.url, KEY) as running:
        time.sleep(1)
        rollout = service.deploy(versions[B], "--url", service.url, "--seconds", "3")
        time.sleep(1)
    assert rollout.code == 0, rollout.text
    assert service.version() == B
    assert len(running.requests) > 50
    assert running.failures == []


@orchestrated("swarm")
def test_rollback_restores_the_previous_version(service: Production) -> None:
    with load(service.url, KEY) as running:
        rollout = service.rollback()
    assert rollout.code == 0, rollout.text
    assert rollout.seconds < FIVE_MINUTES
    assert service.version() == A
    assert running.failures == []


@orchestrated("compose", "swarm")
def test_an_unhealthy_version_is_rolled_back(service: Production, versions: dict[str, str]) -> None:
    with load(service.url, KEY) as running:
        rollout = service.deploy(versions[UNHEALTHY], "--seconds", "3")
    assert rollout.code == 1, rollout.text
    assert rollout.seconds < FIVE_MINUTES
    assert service.version() == A
    assert running.failures == []


@orchestrated("compose", "swarm")
def test_a_version_above_the_error_limit_is_rolled_back(
    service: Production, versions: dict[str, str]
) -> None:
    service.forget_secrets()
    with load(service.url, KEY) as running:
        rollout = service.deploy(versions[FLAWED], "--seconds", "30")
        rolled_back = time.monotonic()
        time.sleep(2)
    assert rollout.code == 1, rollout.text
    assert "above 10%" in rollout.text
    assert rollout.seconds < FIVE_MINUTES
    assert service.version() == A
    assert running.failures
    assert [one for one in running.failures if not str(one.failure).startswith("500")] == []
    assert [one for one in running.since(rolled_back) if one.failure is not None] == []
