"""A running operation has its own time."""

import pytest

from ollama_openai_proxy.config.settings import Settings
from ollama_openai_proxy.services.context import Clock, Operation
from tests.fakes.services import services_with
from tests.fakes.transport import FakeTransport


@pytest.mark.parametrize("later", [0, 1, 5_000_000_000])
def test_an_operation_measures_from_when_it_came_in(
    settings: Settings, backend: FakeTransport, later: int
) -> None:
    ticks = iter([1_000, 1_000 + later])
    clock = Clock(wall=lambda: 77, monotonic=lambda: next(ticks))
    operation = Operation(services_with(settings, backend, clock))
    assert operation.now() == later


def test_it_remembers_the_time_of_day_at_which_it_came(
    settings: Settings, backend: FakeTransport
) -> None:
    days = iter([77, 99])
    clock = Clock(wall=lambda: next(days), monotonic=lambda: 0)
    operation = Operation(services_with(settings, backend, clock))
    assert [operation.began, operation.began] == [77, 77]
