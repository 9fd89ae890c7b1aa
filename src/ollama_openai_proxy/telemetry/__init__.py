"""Telemetry of requests: recorded while a request is served, reported to observers at its end."""

from .events import BackendAnswered, Observer, RequestFinished
from .observers import Observers
from .request_metrics import RequestMetrics, metrics_of

__all__ = [
    "BackendAnswered",
    "Observer",
    "Observers",
    "RequestFinished",
    "RequestMetrics",
    "metrics_of",
]
