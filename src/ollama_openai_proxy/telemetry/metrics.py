"""Prometheus metrics, updated by an observer."""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from .events import BackendAnswered, Observer, RequestFinished, Side

PREFIX = "ollama_openai_proxy_"
DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable: the directory in which prometheus_client shares metrics of processes."""

# Upper bounds of histogram buckets, in seconds.
_DURATION_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
_FIRST_TOKEN_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_NS = 1e-9

# The `_created` series would add one series per label set, and nothing reads them.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metric(NamedTuple):
    """The definition of a metric; `name` lacks the prefix."""

    kind: type[Counter | Gauge | Histogram]
    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    options: dict[str, Any] = {}  # noqa: RUF012  (never changed)


METRICS = (
    Metric(Counter, "requests_total", "Completed requests.", ("operation", "status")),
    Metric(
        Histogram, "request_duration_seconds", "Duration of requests.",
        ("operation",), {"buckets": _DURATION_BUCKETS},
    ),
    Metric(
        Counter, "errors_total", "Failed requests, including streams that failed midway.",
        ("operation", "kind", "fault"),
    ),
    Metric(
        Histogram, "time_to_first_token_seconds",
        "Time from the start of a request to the first chunk of a streamed response.",
        ("operation",), {"buckets": _FIRST_TOKEN_BUCKETS},
    ),
    Metric(Counter, "tokens_total", "Input and output tokens.", ("operation", "direction")),
    Metric(Gauge, "open_streams", "Streamed responses in progress.", (),
           {"multiprocess_mode": "livesum"}),
    Metric(
        Counter, "backend_requests_total",
        "Requests to the backend, by response status or kind of failure.",
        ("path", "status"),
    ),
    Metric(
        Histogram, "backend_request_duration_seconds",
        "Time from a request to the backend to its response headers.", ("path",), {"buckets": _DURATION_BUCKETS},
    ),
    Metric(
        Counter, "backend_unsolicited_data_total",
        "Connections on which a backend sent data without a request.",
    ),
    Metric(
        Counter, "contract_violations_total",
        "Messages that violate the specification.", ("side",),
    ),
    Metric(Gauge, "build_info", "Always 1; the label is the version of the service.", ("version",),
           {"multiprocess_mode": "livemax"}),
)  # fmt: skip


class _Children(dict[Any, Any]):
    """Cache of a metric's children by their label values; `labels()` of the library is slow."""

    def __init__(self, labels: Callable[..., Any]) -> None:
        super().__init__()
        self._labels = labels

    def __missing__(self, values: Any) -> Any:
        child = self._labels(*(values if isinstance(values, tuple) else (values,)))
        self[values] = child
        return child


class PrometheusMetrics(Observer):
    """Metrics of this process, and the exposition of those of all processes."""

    def __init__(self, version: str) -> None:
        self._registry = CollectorRegistry()
        metrics: dict[str, Any] = {
            metric.name: metric.kind(
                PREFIX + metric.name,
                metric.meaning,
                metric.labels,
                registry=self._registry,
                **metric.options,
            )
            for metric in METRICS
        }
        self._requests = _Children(metrics["requests_total"].labels)
        self._durations = _Children(metrics["request_duration_seconds"].labels)
        self._errors = _Children(metrics["errors_total"].labels)
        self._first_tokens = _Children(metrics["time_to_first_token_seconds"].labels)
        self._tokens = _Children(metrics["tokens_total"].labels)
        self._open = metrics["open_streams"]
        self._backend = _Children(metrics["backend_requests_total"].labels)
        self._backend_durations = _Children(metrics["backend_request_duration_seconds"].labels)
        self._unsolicited = metrics["backend_unsolicited_data_total"]
        self._violations = _Children(metrics["contract_violations_total"].labels)
        metrics["build_info"].labels(version).set(1)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All metrics in the format that the `accept` header selects, and its media type."""
        encode, media_type = choose_encoder(accept)
        registry = self._registry
        if DIRECTORY in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return encode(registry), media_type

    def request_finished(self, details: RequestFinished) -> None:
        """Update the request counters and histograms."""
        operation = details.operation
        if details.streamed:
            self._open.dec()
        self._requests[operation, details.status].inc()
        self._durations[operation].observe(details.duration * _NS)
        if details.kind is not None:
            self._errors[operation, details.kind, details.fault].inc()
        if details.first_token is not None:
            self._first_tokens[operation].observe(details.first_token * _NS)
        if details.tokens_in:
            self._tokens[operation, "input"].inc(details.tokens_in)
        if details.tokens_out:
            self._tokens[operation, "output"].inc(details.tokens_out)

    def stream_opened(self, operation: str) -> None:
        """Count the stream as open until its request ends."""
        self._open.inc()

    def backend_answered(self, details: BackendAnswered) -> None:
        """Update the backend request counter and histogram."""
        self._backend[details.path, details.status].inc()
        if details.duration is not None:
            self._backend_durations[details.path].observe(details.duration * _NS)

    def contract_violated(self, side: Side) -> None:
        """Count the violation by side."""
        self._violations[side].inc()

    def unsolicited_data(self) -> None:
        """Count the event."""
        self._unsolicited.inc()
