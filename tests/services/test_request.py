"""Times, headers and the model of a request."""

import pytest

from ollama_openai_proxy.config.settings import Settings
from ollama_openai_proxy.services.context import Clock
from ollama_openai_proxy.services.request import Request
from ollama_openai_proxy.telemetry.request_metrics import unobserved
from tests.fakes.services import services_with
from tests.fakes.transport import FakeTransport


@pytest.mark.parametrize("later", [0, 1, 5_000_000_000])
def test_now_counts_from_the_reception_of_the_request(
    settings: Settings, backend: FakeTransport, later: int
) -> None:
    ticks = iter([1_000, 1_000 + later])
    clock = Clock(wall=lambda: 77, monotonic=lambda: next(ticks))
    request = Request(services_with(settings, backend, clock), unobserved())
    assert request.now() == later


def test_received_at_is_the_time_of_reception(settings: Settings, backend: FakeTransport) -> None:
    days = iter([77, 99])
    clock = Clock(wall=lambda: next(days), monotonic=lambda: 0)
    request = Request(services_with(settings, backend, clock), unobserved())
    assert [request.received_at, request.received_at] == [77, 77]


def test_a_header_is_found_by_its_name(settings: Settings, backend: FakeTransport) -> None:
    services = services_with(settings, backend, Clock(lambda: 0, lambda: 0))
    request = Request(services, unobserved(), headers=[(b"a", b"1"), (b"b", b"2")])
    assert request.header(b"b") == b"2"
    assert request.header(b"c") is None


async def test_the_requested_name_is_recorded_in_the_metrics(
    settings: Settings, backend: FakeTransport
) -> None:
    services = services_with(settings, backend, Clock(lambda: 0, lambda: 0))
    for resolve in ("resolve", "describe", "resolve_any"):
        request = Request(services, unobserved())
        await getattr(request, resolve)("gpt-4o:latest", "missing")
        assert request.metrics.model == "gpt-4o:latest"
