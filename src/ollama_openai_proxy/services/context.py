"""Services that live as long as the application."""

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
    """`wall` returns ns since 1970, `monotonic` ns since an arbitrary time, never decreasing."""

    wall: Callable[[], int]
    monotonic: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Services:
    """The services that handlers use. With pass-through keys, there is one set for each key."""

    settings: Settings
    backend: Backend
    embeddings: Backend
    models: Models
    loaded_models: LoadedModels
    model_list_defaults: ModelListDefaults
    clock: Clock
    readiness: Readiness
    metrics: PrometheusMetrics
