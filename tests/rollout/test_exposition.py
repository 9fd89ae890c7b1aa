"""Parsing of Prometheus' text format, as its client library writes it."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from rollout.exposition import Sample, samples


def test_the_output_of_the_client_library_is_parsed() -> None:
    registry = CollectorRegistry()
    awkward = 'a "quoted" \\ name\nof two lines, {braces}'
    Counter("things", "Things.", ["name"], registry=registry).labels(awkward).inc(3)
    Histogram("waits_seconds", "Waits.", buckets=[1.0], registry=registry).observe(0.5)
    parsed = {
        (sample.name, *sample.labels.items()): sample.value
        for sample in samples(generate_latest(registry).decode())
    }
    assert parsed["things_total", ("name", awkward)] == 3
    assert parsed["waits_seconds_bucket", ("le", "1.0")] == 1
    assert parsed["waits_seconds_bucket", ("le", "+Inf")] == 1
    assert parsed["waits_seconds_sum",] == 0.5


def test_a_timestamp_is_not_part_of_the_value() -> None:
    assert list(samples('up{job="a"} 1 1700000000000\n')) == [Sample("up", {"job": "a"}, 1)]


def test_a_line_that_is_not_a_sample_is_rejected() -> None:
    with pytest.raises(ValueError, match="<html>"):
        list(samples("<html>\n"))
