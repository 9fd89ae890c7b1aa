"""Assembles the ASGI application. This is the only module that imports all parts."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Any

from connexion.middleware import ConnexionMiddleware
from connexion.middleware.exceptions import ExceptionMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
from starlette.exceptions import HTTPException

from . import DISTRIBUTION
from .access.authentication import Authentication
from .access.cors import Origins
from .access.gate import Gate
from .backend import Backend, Catalogue, Timeouts
from .backend.transport import (
    AiohttpTransport,
    InstrumentedTransport,
    KeepAlive,
    Transport,
    ValidatingTransport,
)
from .config.settings import Settings
from .conformance.validated_operation import validated
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
from .translator.models.listing import ModelListDefaults
from .v1_routes import V1_ROUTES
from .web import docs
from .web.docs import Documents
from .web.fallback import Paths, RouterErrors, Routing
from .web.operations import Operations, SelectServices, bind, resolver, services_of


def create_app(
    settings: Settings, transport: Transport | None = None, lifecycle: Lifecycle | None = None
) -> ConnexionMiddleware:
    """Create the ASGI application. `transport` replaces the network connection to the backend."""
    metrics = PrometheusMetrics(version(DISTRIBUTION))
    unsolicited = UnsolicitedData()
    observers = Observers(metrics, RequestLog(), unsolicited)
    reporter = _reporter(settings, observers)
    backends = _backends(settings, observers, reporter, transport)
    catalogue = Catalogue(backends[0], settings.models_ttl, time.monotonic, backends[1:])
    readiness = Readiness(
        backends[0],
        lifecycle or Lifecycle(),
        time.monotonic,
        any_key=settings.pass_through_key,
        warnings=unsolicited.warnings,
    )
    services = _services(settings, backends, catalogue, readiness, metrics)
    per_key = _per_key(services, backends)
    lifespan = _lifespan(services, backends, catalogue, per_key)
    return _application(settings, observers, services_of(services, per_key), reporter, lifespan)


def _application(
    settings: Settings,
    observers: Observers,
    services: SelectServices,
    reporter: ViolationReporter | None,
    lifespan: Any,
) -> ConnexionMiddleware:
    """Create the Connexion application, which routes to the operations of the specification."""
    document = load_spec("ollama.yaml")
    operations = bind(document, HANDLERS, services)
    if reporter is not None:
        forwarded = [route.operation_id for route in V1_ROUTES]
        operations = validated(operations, reporter, but=forwarded)
    app = ConnexionMiddleware(
        Operations(),
        # Connexion's validation is left out: the operations validate their own request bodies.
        middlewares=[
            partial(TelemetryMiddleware, observers=observers),
            _gate(settings),
            ExceptionMiddleware,
            Routing,
            partial(Documents, document=document, ui=settings.ui),
            LifespanMiddleware,
        ],
        lifespan=lifespan,
        resolver=resolver(operations),
        swagger_ui_options=docs.page(document, ui=settings.ui),
    )
    paths = Paths({**document["paths"], **docs.paths(ui=settings.ui)})
    app.add_error_handler(HTTPException, RouterErrors(paths))
    app.add_api(document)
    return app


def _gate(settings: Settings) -> Any:
    return partial(
        Gate,
        origins=Origins(settings.origins or ()),
        listening=settings.host.host,
        authentication=Authentication(settings.api_keys) if settings.authenticates else None,
        open=settings.insecure,
    )


def _reporter(settings: Settings, observers: Observers) -> ViolationReporter | None:
    if settings.conformance == "off":
        return None
    return ViolationReporter(
        observers.contract_violated, enforces=settings.conformance == "enforce"
    )


def _transport(
    settings: Settings,
    observers: Observers,
    reporter: ViolationReporter | None,
    transport: Transport | None,
) -> Transport:
    if transport is None:
        keep_alive = KeepAlive(
            settings.backend_keep_alive, settings.backend_reuse_after, settings.backend_reuse_within
        )
        transport = AiohttpTransport(
            settings.connect_timeout, keep_alive, observers.unsolicited_data
        )
    if reporter is not None:
        transport = ValidatingTransport(transport, reporter)
    return InstrumentedTransport(transport, observers)


def _backends(
    settings: Settings,
    observers: Observers,
    reporter: ViolationReporter | None,
    transport: Transport | None,
) -> list[Backend]:
    """Create the backend, and a second one if embeddings have a URL of their own."""
    keys = [settings.backend_key.get_secret_value()] if settings.backend_key else []
    timeouts = Timeouts(settings.first_byte_timeout, settings.idle_timeout)
    urls = dict.fromkeys([settings.backend_url, settings.embeddings_url or settings.backend_url])
    return [
        Backend(url, keys, timeouts, _transport(settings, observers, reporter, transport))
        for url in urls
    ]


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
        loaded_models=LoadedModels(settings.keep_alive_seconds),
        model_list_defaults=ModelListDefaults(datetime.now(UTC), settings.context_length),
        clock=Clock(wall=time.time_ns, monotonic=time.monotonic_ns),
        readiness=readiness,
        metrics=metrics,
    )


def _per_key(services: Services, backends: Sequence[Backend]) -> PerKeyServices | None:
    """Create services per client key if clients' keys are sent to the backend, else None."""
    settings = services.settings
    if not settings.pass_through_key:
        return None

    def create(keys: Sequence[str]) -> Services:
        keyed = [backend.with_keys(keys) for backend in backends]
        catalogue = Catalogue(keyed[0], settings.models_ttl, time.monotonic, keyed[1:])
        return replace(
            services,
            backend=keyed[0],
            embeddings=keyed[-1],
            models=Models(catalogue, settings, keyed[0].host),
            loaded_models=LoadedModels(settings.keep_alive_seconds),
        )

    return PerKeyServices(services, create)


def _lifespan(
    services: Services,
    backends: list[Backend],
    catalogue: Catalogue,
    per_key: PerKeyServices | None,
) -> Any:
    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncGenerator[None]:
        report = asyncio.create_task(report_backend(services.settings, backends[0], catalogue))
        yield
        report.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await report
        await catalogue.aclose()
        await services.readiness.aclose()
        if per_key is not None:
            await per_key.aclose()
        for backend in backends:
            await backend.aclose()

    return lifespan
