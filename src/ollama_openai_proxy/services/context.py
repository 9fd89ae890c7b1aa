"""What the app lends to a running operation."""

from collections.abc import Callable
from dataclasses import dataclass

from ..backend import Backend
from ..config.settings import Settings
from ..telemetry.metrics import PrometheusMetrics
from ..translator.models.listing import ModelListDefaults
from .loaded_models import LoadedModels
from .models import Models
from .readiness import Readiness


@dataclass(frozen=True, slots=True)
class Clock:
    """`wall`: ns since 1970. `monotonic`: ns since some time, never going back."""

    wall: Callable[[], int]
    monotonic: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Services:
    """What lives as long as the app."""

    settings: Settings
    backend: Backend
    embeddings: Backend
    models: Models
    loaded_models: LoadedModels
    model_list_defaults: ModelListDefaults
    clock: Clock
    readiness: Readiness
    metrics: PrometheusMetrics


class Operation:
    """One running request: the services, and its own time."""

    __slots__ = ("_start", "began", "services")

    def __init__(self, services: Services) -> None:
        self.services = services
        self.began = services.clock.wall()
        """When it came in, in ns since 1970."""
        self._start = services.clock.monotonic()

    def now(self) -> int:
        """ns since it came in."""
        return self.services.clock.monotonic() - self._start
