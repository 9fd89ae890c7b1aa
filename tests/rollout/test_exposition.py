"""Prometheus' text format is read as the client library writes it."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from rollout.exposition import Sample, samples


def test_what_the_library_writes_is_read() -> None:
    registry = CollectorRegistry()
    awkward = 'a "quoted" \\ name\nof two lines, {braces}'
    Counter("things", "Things.", ["name"], registry=registry).labels(awkward).inc(3)
    Histogram("waits_seconds", "Waits.", buckets=[1.0], registry=registry).observe(0.5)
    read = {
        (sample.name, *sample.labels.items()): sample.value
        for sample in samples(generate_latest(registry).decode())
    }
    assert read["things_total", ("name", awkward)] == 3
    assert read["waits_seconds_bucket", ("le", "1.0")] == 1
    assert read["waits_seconds_bucket", ("le", "+Inf")] == 1
    assert read["waits_seconds_sum",] == 0.5


def test_a_time_stamp_is_no_part_of_the_value() -> None:
    assert list(samples('up{job="a"} 1 1700000000000\n')) == [Sample("up", {"job": "a"}, 1)]


def test_what_is_no_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="<html>"):
        list(samples("<html>\n"))
