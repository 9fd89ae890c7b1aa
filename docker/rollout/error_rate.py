"""The error rate: the share of requests that failed because of the service or the backend."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from .exposition import Sample

REQUESTS = "ollama_openai_proxy_requests_total"
ERRORS = "ollama_openai_proxy_errors_total"
UNCOUNTED = ("healthz", "heartbeat", "metrics", "readyz", "version")
"""Operations that do not call the backend. Counting them would dilute the error rate."""


class Count(NamedTuple):
    """The numbers of requests and of failed ones."""

    requests: float = 0
    faults: float = 0

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> Self:
        """Add up the samples of a replica."""
        requests = faults = 0.0
        for name, labels, value in samples:
            if labels.get("operation") in UNCOUNTED:
                continue
            if name == REQUESTS:
                requests += value
            elif name == ERRORS and labels.get("fault") == "server":
                faults += value
        return cls(requests, faults)

    @property
    def rate(self) -> float:
        return self.faults / self.requests if self.requests else 0.0


def since(before: Mapping[str, Count], now: Mapping[str, Count]) -> Count:
    """The increase between two scrapes, summed over all replicas.

    The counters of a new or restarted replica start at zero.
    """
    requests = faults = 0.0
    for replica, count in now.items():
        earlier = before.get(replica, Count())
        if count.requests < earlier.requests or count.faults < earlier.faults:
            earlier = Count()
        requests += count.requests - earlier.requests
        faults += count.faults - earlier.faults
    return Count(requests, faults)
