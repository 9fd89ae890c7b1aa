"""Deployment and rollback with a fake orchestrator."""

from collections.abc import Sequence

import pytest
from rollout.deployment import Outcome, deploy, go_back
from rollout.error_rate import Count
from rollout.orchestrators.command import Failed, NotHealthy, NothingBefore
from rollout.scrape import Counts
from rollout.watch import Limits

LIMITS = Limits(seconds=0, requests=10)


class InMemory:
    """An orchestrator that only stores image names. An update raises `error`, if given."""

    def __init__(self, serving: str, error: Exception | None = None) -> None:
        self.serving = serving
        self._before: str | None = None
        self._error = error

    def update(self, image: str) -> None:
        if isinstance(self._error, NotHealthy):
            raise self._error
        self._before, self.serving = self.serving, image
        if self._error is not None:
            raise self._error

    def rollback(self) -> str:
        if self._before is None:
            raise NothingBefore("no other image")
        self.serving, self._before = self._before, None
        return self.serving

    def replicas(self) -> Sequence[str]:
        return ["one"]

    def inside(self, replica: str) -> list[str]:
        return []


class Counters:
    def __init__(self, *scrapes: Count) -> None:
        self._scrapes = list(scrapes)

    def __call__(self) -> Counts:
        return {"one": self._scrapes.pop(0)}


def run_deploy(
    orchestrator: InMemory, *scrapes: Count, url: str | None = None
) -> tuple[Outcome, str]:
    log: list[str] = []
    outcome = deploy(
        orchestrator, "b", url=url, scrape=Counters(*scrapes), limits=LIMITS, log=log.append
    )
    return outcome, "\n".join(log)


def test_an_image_with_few_errors_stays_in_service() -> None:
    orchestrator = InMemory("a")
    outcome, log = run_deploy(orchestrator, Count(), Count(100, 1))
    assert (outcome, orchestrator.serving) == (Outcome.IN_SERVICE, "b")
    assert "1 of 100 requests failed" in log


def test_an_image_above_the_error_limit_is_rolled_back() -> None:
    orchestrator = InMemory("a")
    outcome, log = run_deploy(orchestrator, Count(50, 0), Count(150, 20))
    assert (outcome, orchestrator.serving) == (Outcome.TAKEN_BACK, "a")
    assert "20 of 100 requests failed (20.0%), above 10%" in log
    assert "a serves again" in log


def test_an_image_that_the_orchestrator_rolled_back_is_not_rolled_back_again() -> None:
    orchestrator = InMemory("a", NotHealthy("task 2 is not healthy"))
    outcome, log = run_deploy(orchestrator)
    assert (outcome, orchestrator.serving) == (Outcome.TAKEN_BACK, "a")
    assert "task 2 is not healthy" in log


def test_a_failed_update_is_rolled_back() -> None:
    orchestrator = InMemory("a", Failed("the connection is gone"))
    outcome, _ = run_deploy(orchestrator)
    assert (outcome, orchestrator.serving) == (Outcome.TAKEN_BACK, "a")


def test_an_image_that_fails_the_smoke_test_is_rolled_back(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rollout.deployment.PATIENCE", 0)
    orchestrator = InMemory("a")
    outcome, log = run_deploy(orchestrator, url="http://127.0.0.1:9")
    assert (outcome, orchestrator.serving) == (Outcome.TAKEN_BACK, "a")
    assert "the smoke test failed" in log
    assert "refused" in capfd.readouterr().out


def test_the_outcome_is_lost_if_the_rollback_fails() -> None:
    log: list[str] = []
    assert go_back(InMemory("a"), log.append) is Outcome.LOST
    assert log == ["the rollback failed: no other image"]
