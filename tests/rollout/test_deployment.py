"""The way forth and back, in whatever runs the replicas."""

from collections.abc import Sequence

import pytest
from rollout.deployment import Outcome, deploy, go_back
from rollout.error_rate import Count
from rollout.orchestrators.command import Failed, NotHealthy, NothingBefore
from rollout.scrape import Counts
from rollout.watch import Limits

LIMITS = Limits(seconds=0, requests=10)


class InMemory:
    """Replicas that are only names; an update goes wrong as it is told to."""

    def __init__(self, serving: str, wrong: Exception | None = None) -> None:
        self.serving = serving
        self._before: str | None = None
        self._wrong = wrong

    def update(self, image: str) -> None:
        if isinstance(self._wrong, NotHealthy):
            raise self._wrong
        self._before, self.serving = self.serving, image
        if self._wrong is not None:
            raise self._wrong

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


def rolled(orchestrator: InMemory, *scrapes: Count, url: str | None = None) -> tuple[Outcome, str]:
    told: list[str] = []
    outcome = deploy(
        orchestrator, "b", url=url, scrape=Counters(*scrapes), limits=LIMITS, say=told.append
    )
    return outcome, "\n".join(told)


def test_an_image_without_faults_stays() -> None:
    orchestrator = InMemory("a")
    outcome, told = rolled(orchestrator, Count(), Count(100, 1))
    assert (outcome, orchestrator.serving) == (Outcome.IN_SERVICE, "b")
    assert "1 of 100 requests failed" in told


def test_an_image_that_fails_too_often_is_taken_back() -> None:
    orchestrator = InMemory("a")
    outcome, told = rolled(orchestrator, Count(50, 0), Count(150, 20))
    assert (outcome, orchestrator.serving) == (Outcome.TAKEN_BACK, "a")
    assert "20 of 100 requests failed (20.0%), above 10%" in told
    assert "a serves again" in told


def test_an_image_that_the_orchestrator_gives_up_is_not_taken_back_twice() -> None:
    orchestrator = InMemory("a", NotHealthy("task 2 is not healthy"))
    outcome, told = rolled(orchestrator)
    assert (outcome, orchestrator.serving) == (Outcome.TAKEN_BACK, "a")
    assert "task 2 is not healthy" in told


def test_an_update_that_breaks_off_is_taken_back() -> None:
    orchestrator = InMemory("a", Failed("the connection is gone"))
    outcome, _ = rolled(orchestrator)
    assert (outcome, orchestrator.serving) == (Outcome.TAKEN_BACK, "a")


def test_an_image_that_does_not_pass_the_smoke_test_is_taken_back(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rollout.deployment.PATIENCE", 0)
    orchestrator = InMemory("a")
    outcome, told = rolled(orchestrator, url="http://127.0.0.1:9")
    assert (outcome, orchestrator.serving) == (Outcome.TAKEN_BACK, "a")
    assert "the smoke test failed" in told
    assert "refused" in capfd.readouterr().out


def test_without_a_way_back_it_is_lost() -> None:
    told: list[str] = []
    assert go_back(InMemory("a"), told.append) is Outcome.LOST
    assert told == ["the way back failed: no other image"]
