"""How many of the requests failed by the service's fault."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from .exposition import Sample

REQUESTS = "ollama_openai_proxy_requests_total"
ERRORS = "ollama_openai_proxy_errors_total"
UNCOUNTED = ("healthz", "heartbeat", "metrics", "readyz", "version")
"""Operations that ask nothing of the backend: they would thin out the rate."""


class Count(NamedTuple):
    requests: float = 0
    faults: float = 0

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> Self:
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
    """The increase between two scrapes.

    A replica that is new or was restarted counts from zero.
    """
    requests = faults = 0.0
    for replica, count in now.items():
        then = before.get(replica, Count())
        if count.requests < then.requests or count.faults < then.faults:
            then = Count()
        requests += count.requests - then.requests
        faults += count.faults - then.faults
    return Count(requests, faults)
