"""Puts the parts together: the only module that knows them all."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Any

import httpx
from connexion import AsyncApp
from connexion.middleware.exceptions import ExceptionMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
from starlette.exceptions import HTTPException

from . import DISTRIBUTION
from .access.authentication import Authentication
from .access.cors import Origins
from .access.gate import Gate
from .backend import (
    Backend,
    Catalogue,
    KeepAlive,
    Timeouts,
    ValidatingTransport,
    open_backend,
    open_transport,
    watched,
)
from .config.settings import Settings
from .conformance.violations import ViolationReporter
from .handlers import HANDLERS
from .lifecycle import Lifecycle
from .services.context import Clock, Services
from .services.loaded_models import LoadedModels
from .services.models import Models
from .services.per_key import PerKeyServices
from .services.readiness import Readiness, UnsolicitedData
from .spec import load_spec
from .startup_report import report_backend
from .telemetry import Observers
from .telemetry.logs import RequestLog
from .telemetry.metrics import PrometheusMetrics
from .telemetry.middleware import TelemetryMiddleware
from .translator.keep_alive import parse_duration
from .translator.models.listing import ModelListDefaults
from .web import docs as documents
from .web.docs import Documents
from .web.fallback import Paths, RouterErrors, Routing
from .web.operations import OperationsApp


def create_app(
    settings: Settings,
    transport: httpx.AsyncBaseTransport | None = None,
    lifecycle: Lifecycle | None = None,
) -> AsyncApp:
    """The ASGI application; `transport` stands in for the network between us and the backend."""
    metrics = PrometheusMetrics(version(DISTRIBUTION))
    stray = UnsolicitedData()
    observers = Observers(metrics, RequestLog(), stray)
    watch = _watch(settings, observers)
    backends = _backends(settings, partial(_network, settings, observers, watch, transport))
    catalogue = Catalogue(backends[0], settings.models_ttl, time.monotonic, backends[1:])
    readiness = Readiness(
        backends[0],
        lifecycle or Lifecycle(),
        time.monotonic,
        any_key=settings.pass_through_key,
        warnings=stray.warnings,
    )
    services = _services(settings, backends, catalogue, readiness, metrics)
    clients = _clients(services, backends)
    lifespan = _lifespan(services, backends, catalogue, clients)
    app = _application(settings, observers, lifespan)
    document = load_spec("ollama.yaml")
    app.middleware.add_api(document, services=services, clients=clients, watch=watch)
    return app


def _application(settings: Settings, observers: Observers, lifespan: Any) -> AsyncApp:
    """Connexion's application with our layers, and no operations yet."""
    document = load_spec("ollama.yaml")
    app = AsyncApp(
        __name__,
        # Bodies are validated by the operations, and nothing else needs to stand on the path.
        middlewares=[
            partial(TelemetryMiddleware, observers=observers),
            _gate(settings),
            ExceptionMiddleware,
            Routing,
            partial(Documents, document=document, ui=settings.ui),
            LifespanMiddleware,
        ],
        lifespan=lifespan,
        resolver=_function,
        swagger_ui_options=documents.page(document, ui=settings.ui),
    )
    app.middleware.app = OperationsApp()
    paths = Paths({**document["paths"], **documents.paths(ui=settings.ui)})
    app.add_error_handler(HTTPException, RouterErrors(paths))
    return app


def _gate(settings: Settings) -> Any:
    return partial(
        Gate,
        origins=Origins(settings.origins or ()),
        listening=settings.host.host,
        authentication=Authentication(settings.api_keys) if settings.authenticates else None,
        open=settings.insecure,
    )


def _function(operation_id: str) -> Any:
    """The handler of an operation; ValueError, which Connexion reports, where there is none."""
    try:
        return HANDLERS[operation_id].function
    except KeyError:
        raise ValueError(f"no handler for the operation {operation_id}") from None


def _watch(settings: Settings, observers: Observers) -> ViolationReporter | None:
    if settings.conformance == "off":
        return None
    return ViolationReporter(
        observers.contract_violated, enforces=settings.conformance == "enforce"
    )


def _network(
    settings: Settings,
    observers: Observers,
    watch: ViolationReporter | None,
    transport: httpx.AsyncBaseTransport | None,
) -> httpx.AsyncBaseTransport:
    keep_alive = KeepAlive(
        settings.backend_keep_alive, settings.backend_reuse_after, settings.backend_reuse_within
    )
    transport = transport or open_transport(keep_alive, observers.unsolicited_data)
    return watched(
        observers, ValidatingTransport(transport, watch) if watch is not None else transport
    )


def _backends(settings: Settings, network: Callable[[], httpx.AsyncBaseTransport]) -> list[Backend]:
    """The backend, and the one for embeddings where it is another."""
    key = settings.backend_key.get_secret_value() if settings.backend_key else None
    timeouts = Timeouts(
        settings.connect_timeout, settings.first_byte_timeout, settings.idle_timeout
    )
    urls = dict.fromkeys([settings.backend_url, settings.embeddings_url or settings.backend_url])
    return [open_backend(url, key, timeouts, network()) for url in urls]


def _services(
    settings: Settings,
    backends: list[Backend],
    catalogue: Catalogue,
    readiness: Readiness,
    metrics: PrometheusMetrics,
) -> Services:
    return Services(
        settings=settings,
        backend=backends[0],
        embeddings=backends[-1],
        models=Models(catalogue, settings, backends[0].host),
        loaded_models=LoadedModels(_keep_alive(settings.keep_alive)),
        model_list_defaults=ModelListDefaults(datetime.now(UTC), settings.context_length),
        clock=Clock(wall=time.time_ns, monotonic=time.monotonic_ns),
        readiness=readiness,
        metrics=metrics,
    )


def _clients(services: Services, backends: Sequence[Backend]) -> PerKeyServices | None:
    """Those whose own keys go to the backend, where they do."""
    settings = services.settings
    if not settings.pass_through_key:
        return None

    def lend(keys: Sequence[str]) -> Services:
        theirs = [backend.with_keys(keys) for backend in backends]
        catalogue = Catalogue(theirs[0], settings.models_ttl, time.monotonic, theirs[1:])
        return replace(
            services,
            backend=theirs[0],
            embeddings=theirs[-1],
            models=Models(catalogue, settings, theirs[0].host),
            loaded_models=LoadedModels(_keep_alive(settings.keep_alive)),
        )

    return PerKeyServices(services, lend)


def _keep_alive(text: str) -> float:
    """OLLAMA_KEEP_ALIVE in seconds: unlike a request's it may be a whole number of them, and
    a negative one means for ever (envconfig/config.go)."""
    whole = text.lstrip("+-").isdigit()
    seconds = float(text) if whole else parse_duration(text)
    return math.inf if seconds < 0 else seconds


def _lifespan(
    services: Services,
    backends: list[Backend],
    catalogue: Catalogue,
    clients: PerKeyServices | None,
) -> Any:
    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncGenerator[None]:
        greeting = asyncio.create_task(report_backend(services.settings, backends[0], catalogue))
        yield
        greeting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await greeting
        await catalogue.aclose()
        await services.readiness.aclose()
        if clients is not None:
            await clients.aclose()
        for backend in backends:
            await backend.aclose()

    return lifespan
