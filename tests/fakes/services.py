"""The `Services` that handlers use, with a clock controlled by the test."""

import time
from datetime import UTC, datetime

from ollama_openai_proxy.backend import Catalogue
from ollama_openai_proxy.config.settings import Settings
from ollama_openai_proxy.lifecycle import Lifecycle
from ollama_openai_proxy.services.context import Clock, Services
from ollama_openai_proxy.services.loaded_models import LoadedModels
from ollama_openai_proxy.services.models import Models
from ollama_openai_proxy.services.readiness import Readiness
from ollama_openai_proxy.telemetry.metrics import PrometheusMetrics
from ollama_openai_proxy.translator.models.listing import ModelListDefaults

from .backends import open_backend
from .seam import FakeNetwork


def services_with(
    settings: Settings, transport: FakeNetwork, clock: Clock, keep_alive: float = 300
) -> Services:
    """Services connected to the fake backend `transport`."""
    backend = open_backend(settings.backend_url, None, transport)
    catalogue = Catalogue(backend, settings.models_ttl, time.monotonic)
    return Services(
        settings=settings,
        backend=backend,
        embeddings=backend,
        models=Models(catalogue, settings, backend.host),
        loaded_models=LoadedModels(keep_alive),
        model_list_defaults=ModelListDefaults(datetime.now(UTC), settings.context_length),
        clock=clock,
        readiness=Readiness(backend, Lifecycle(), time.monotonic),
        metrics=PrometheusMetrics("0"),
    )
