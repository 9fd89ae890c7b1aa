"""Puts the parts together: the only module that knows them all."""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
from connexion import AsyncApp
from connexion.middleware.exceptions import ExceptionMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
from ollama_openai_proxy_models import openai
from starlette.exceptions import HTTPException

from .asgi import Gate
from .backend import Backend, Catalogue, Timeouts, open_backend
from .errors import ProxyError
from .handlers import HANDLERS
from .handlers._context import Clock, Services
from .handlers._models import Models
from .handlers._residents import Residents
from .operations import OperationsApp
from .origins import Origins
from .routes import Paths, RouterErrors, Routing
from .settings import Settings
from .spec import load_spec
from .translator.keep_alive import parse_duration
from .translator.models import Shelf
from .translator.names import display

_log = logging.getLogger(__name__)
_SHOWN = 5  # models named at the start


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> AsyncApp:
    """The ASGI application; `transport` stands in for the network between us and the backend."""
    backends = _backends(settings, transport)
    catalogue = Catalogue(backends[0], settings.models_ttl, time.monotonic, backends[1:])
    services = _services(settings, backends, catalogue)
    document = load_spec("ollama.yaml")
    app = AsyncApp(
        __name__,
        # Bodies are validated by the operations, and nothing else needs to stand on the path.
        middlewares=[_gate(settings), ExceptionMiddleware, Routing, LifespanMiddleware],
        lifespan=_lifespan(backends, catalogue),
        resolver=_function,
    )
    app.middleware.app = OperationsApp()
    app.add_error_handler(HTTPException, RouterErrors(Paths(document["paths"])))
    app.middleware.add_api(document, services=services)
    return app


def _gate(settings: Settings) -> Any:
    return partial(Gate, origins=Origins(settings.origins or ()), listening=settings.host.host)


def _function(operation_id: str) -> Any:
    """The handler of an operation; ValueError, which Connexion reports, where there is none."""
    try:
        return HANDLERS[operation_id].function
    except KeyError:
        raise ValueError(f"no handler for the operation {operation_id}") from None


def _backends(settings: Settings, transport: httpx.AsyncBaseTransport | None) -> list[Backend]:
    """The backend, and the one for embeddings where it is another."""
    key = settings.backend_key.get_secret_value() if settings.backend_key else None
    timeouts = Timeouts(
        settings.connect_timeout, settings.first_byte_timeout, settings.idle_timeout
    )
    urls = dict.fromkeys([settings.backend_url, settings.embeddings_url or settings.backend_url])
    return [open_backend(url, key, timeouts, transport) for url in urls]


def _services(settings: Settings, backends: list[Backend], catalogue: Catalogue) -> Services:
    return Services(
        settings=settings,
        backend=backends[0],
        embeddings=backends[-1],
        models=Models(catalogue, settings, backends[0].host),
        residents=Residents(_keep_alive(settings.keep_alive)),
        shelf=Shelf(datetime.now(UTC), settings.context_length),
        clock=Clock(wall=time.time_ns, monotonic=time.monotonic_ns),
    )


def _keep_alive(text: str) -> float:
    """OLLAMA_KEEP_ALIVE in seconds: unlike a request's it may be a whole number of them, and
    a negative one means for ever (envconfig/config.go)."""
    whole = text.lstrip("+-").isdigit()
    seconds = float(text) if whole else parse_duration(text)
    return math.inf if seconds < 0 else seconds


def _lifespan(backends: list[Backend], catalogue: Catalogue) -> Any:
    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncGenerator[None]:
        greeting = asyncio.create_task(_greet(backends[0], catalogue))
        yield
        greeting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await greeting
        await catalogue.aclose()
        for backend in backends:
            await backend.aclose()

    return lifespan


async def _greet(backend: Backend, catalogue: Catalogue) -> None:
    """Says at the start whether the backend is there; it need not be yet."""
    try:
        listing = await catalogue.listing()
    except ProxyError as failure:
        _log.warning("%s; requests are answered with this until it is there", failure.message)
        return
    if listing.error is not None:
        _log.warning("no list of models from %s: %s", backend.host, listing.error.message)
    else:
        _log.info("%s offers %s", backend.host, _some_of(listing.models))


def _some_of(models: Sequence[openai.Model]) -> str:
    names = [display(model.id) for model in models[:_SHOWN]]
    more = [f"{len(models) - _SHOWN} more"] if len(models) > _SHOWN else []
    return ", ".join(names + more) or "no models"
