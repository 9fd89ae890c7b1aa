"""Prometheus, a reader of what happens."""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from .events import BackendAnswered, Observer, RequestFinished, Side

PREFIX = "ollama_openai_proxy_"
DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the library knows where several processes put their numbers."""

_WHOLE = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
_BEGINNING = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_NS = 1e-9

# One row of numbers for each metric and process is enough.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metric(NamedTuple):
    """A metric as it is described; the name is without the prefix."""

    kind: type[Counter | Gauge | Histogram]
    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    options: dict[str, Any] = {}  # noqa: RUF012  (never changed)


METRICS = (
    Metric(Counter, "requests_total", "Requests that have ended.", ("operation", "status")),
    Metric(
        Histogram, "request_duration_seconds", "From a request's beginning to its end.",
        ("operation",), {"buckets": _WHOLE},
    ),
    Metric(
        Counter, "errors_total", "Requests that failed, in the middle of a stream as well.",
        ("operation", "kind", "fault"),
    ),
    Metric(
        Histogram, "time_to_first_token_seconds",
        "From a request's beginning to the first piece of a streamed answer.",
        ("operation",), {"buckets": _BEGINNING},
    ),
    Metric(Counter, "tokens_total", "Tokens read and written.", ("operation", "direction")),
    Metric(Gauge, "open_streams", "Streamed answers that are under way.", (),
           {"multiprocess_mode": "livesum"}),
    Metric(
        Counter, "backend_requests_total",
        "Requests to the backend, by the status of its answer or the kind of failure.",
        ("path", "status"),
    ),
    Metric(
        Histogram, "backend_request_duration_seconds",
        "From a request to the backend to the head of its answer.", ("path",), {"buckets": _WHOLE},
    ),
    Metric(
        Counter, "backend_unsolicited_data_total",
        "Times that a backend sent data that no request asked for.",
    ),
    Metric(
        Counter, "contract_violations_total",
        "Messages that are not what the specification says.", ("side",),
    ),
    Metric(Gauge, "build_info", "Always 1; the label says which version runs.", ("version",),
           {"multiprocess_mode": "livemax"}),
)  # fmt: skip


class _Children(dict[Any, Any]):
    """The numbers of a metric by the values of its labels: the library's own way to them is slow."""

    def __init__(self, labels: Callable[..., Any]) -> None:
        super().__init__()
        self._labels = labels

    def __missing__(self, values: Any) -> Any:
        child = self._labels(*(values if isinstance(values, tuple) else (values,)))
        self[values] = child
        return child


class PrometheusMetrics(Observer):
    """The numbers of this process, and how all processes' are told."""

    def __init__(self, version: str) -> None:
        self._registry = CollectorRegistry()
        made: dict[str, Any] = {
            metric.name: metric.kind(
                PREFIX + metric.name,
                metric.meaning,
                metric.labels,
                registry=self._registry,
                **metric.options,
            )
            for metric in METRICS
        }
        self._requests = _Children(made["requests_total"].labels)
        self._durations = _Children(made["request_duration_seconds"].labels)
        self._errors = _Children(made["errors_total"].labels)
        self._first_tokens = _Children(made["time_to_first_token_seconds"].labels)
        self._tokens = _Children(made["tokens_total"].labels)
        self._open = made["open_streams"]
        self._backend = _Children(made["backend_requests_total"].labels)
        self._backend_durations = _Children(made["backend_request_duration_seconds"].labels)
        self._unsolicited = made["backend_unsolicited_data_total"]
        self._violations = _Children(made["contract_violations_total"].labels)
        made["build_info"].labels(version).set(1)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All numbers in the format that `accept` asks for, and its media type."""
        encode, media_type = choose_encoder(accept)
        registry = self._registry
        if DIRECTORY in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return encode(registry), media_type

    def request_finished(self, details: RequestFinished) -> None:
        """Counts it."""
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
        """Counts it until its request has ended."""
        self._open.inc()

    def backend_answered(self, details: BackendAnswered) -> None:
        """Counts it."""
        self._backend[details.path, details.status].inc()
        if details.duration is not None:
            self._backend_durations[details.path].observe(details.duration * _NS)

    def contract_violated(self, side: Side) -> None:
        """Counts it."""
        self._violations[side].inc()

    def unsolicited_data(self) -> None:
        """Counts it."""
        self._unsolicited.inc()
