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
def test_operations_without_the_backend_do_not_lower_the_rate(operation: str) -> None:
    assert operation in HANDLERS
    assert Count.of([requests(operation, "200", 1000), errors(operation, "server", 1)]) == (0, 0)


def test_other_metrics_are_ignored() -> None:
    assert Count.of([Sample("python_info", {}, 1)]) == (0, 0)


def test_the_rate_without_requests_is_zero() -> None:
    assert Count().rate == 0


def test_requests_before_the_first_scrape_do_not_count() -> None:
    assert since({"a": Count(100, 50)}, {"a": Count(120, 51)}) == (20, 1)


def test_a_new_replica_counts_from_zero() -> None:
    assert since({"a": Count(100, 50)}, {"a": Count(100, 50), "b": Count(7, 2)}) == (7, 2)


def test_a_restarted_replica_counts_from_zero() -> None:
    assert since({"a": Count(100, 50)}, {"a": Count(8, 1)}) == (8, 1)


def test_a_stopped_replica_does_not_reduce_the_counts() -> None:
    assert since({"a": Count(100, 50), "b": Count(10, 0)}, {"b": Count(30, 1)}) == (20, 1)
