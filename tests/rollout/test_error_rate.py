"""Which requests count as failures, and the increase between two scrapes."""

import pytest
from rollout.error_rate import ERRORS, REQUESTS, UNCOUNTED, Count, since
from rollout.exposition import Sample

from ollama_openai_proxy.handlers import HANDLERS


def requests(operation: str, status: str, value: float) -> Sample:
    return Sample(REQUESTS, {"operation": operation, "status": status}, value)


def errors(operation: str, fault: str, value: float) -> Sample:
    return Sample(ERRORS, {"operation": operation, "kind": "k", "fault": fault}, value)


def test_only_the_services_own_faults_count() -> None:
    count = Count.of(
        [
            requests("chat", "200", 90),
            requests("chat", "500", 5),
            errors("chat", "server", 5),
            errors("chat", "client", 40),
        ]
    )
    assert count == (95, 5)
    assert count.rate == pytest.approx(5 / 95)


@pytest.mark.parametrize("operation", UNCOUNTED)
def test_what_does_not_need_the_backend_does_not_thin_out_the_rate(operation: str) -> None:
    assert operation in HANDLERS
    assert Count.of([requests(operation, "200", 1000), errors(operation, "server", 1)]) == (0, 0)


def test_other_metrics_are_left_alone() -> None:
    assert Count.of([Sample("python_info", {}, 1)]) == (0, 0)


def test_no_requests_are_no_failures() -> None:
    assert Count().rate == 0


def test_what_came_before_does_not_count() -> None:
    assert since({"a": Count(100, 50)}, {"a": Count(120, 51)}) == (20, 1)


def test_a_replica_that_is_new_counts_from_nothing() -> None:
    assert since({"a": Count(100, 50)}, {"a": Count(100, 50), "b": Count(7, 2)}) == (7, 2)


def test_a_replica_that_began_anew_counts_from_nothing() -> None:
    assert since({"a": Count(100, 50)}, {"a": Count(8, 1)}) == (8, 1)


def test_a_replica_that_is_gone_takes_nothing_away() -> None:
    assert since({"a": Count(100, 50), "b": Count(10, 0)}, {"b": Count(30, 1)}) == (20, 1)
