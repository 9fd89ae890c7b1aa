"""The service under test: in this process, or on a socket with its backend on another."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

from anyio.from_thread import start_blocking_portal
from schemathesis.python.asgi import shutdown_lifespans

from ollama_openai_proxy import app as app_module
from ollama_openai_proxy.app import create_app
from ollama_openai_proxy.config.settings import Settings, read_settings
from tests.fakes.clock import clock_of
from tests.fakes.generated import GeneratedBackend
from tests.fakes.service import serving

KEY = "sk-contract-key"
"""What a service that asks for a key is asked with."""
_AGE_OF_LISTS = 5
"""How often a list of models may be looked at before it is read again: the clock ticks at each."""


class Target(NamedTuple):
    """A service, as an ASGI application or a URL; the backend behind it; a key if it needs one."""

    backend: GeneratedBackend
    app: Any = None
    url: str | None = None
    key: str | None = None


@contextmanager
def in_process(
    backend: GeneratedBackend, key: str | None = None, dialect: str = "auto"
) -> Iterator[Target]:
    """The application itself."""
    settings = _settings("http://backend.test", key, dialect)
    with patch.object(app_module, "time", _ticking()):
        app = create_app(settings, backend.transport())
    try:
        yield Target(backend, app=app, key=key)
    finally:
        shutdown_lifespans()


@contextmanager
def on_a_socket(
    backend: GeneratedBackend, key: str | None = None, dialect: str = "auto"
) -> Iterator[Target]:
    """The application under uvicorn, in a thread; its backend likewise."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_served(backend, key, dialect)) as url,
    ):
        yield Target(backend, url=url, key=key)


@asynccontextmanager
async def _served(backend: GeneratedBackend, key: str | None, dialect: str) -> AsyncGenerator[str]:
    async with serving(backend) as backend_url:
        settings = _settings(backend_url, key, dialect)
        with patch.object(app_module, "time", _ticking()):
            app = create_app(settings)
        async with serving(app, lifespan="on") as url:
            yield url


def _ticking() -> SimpleNamespace:
    """A clock that goes on a second each time it is read, so that its speed decides nothing."""
    ticks = count(1)
    return clock_of(lambda: float(next(ticks)))


def _settings(backend_url: str, key: str | None, dialect: str) -> Settings:
    return read_settings(
        backend_url=f"{backend_url}/v1",
        unlisted_models="pass",
        models_ttl=_AGE_OF_LISTS,
        api_keys=key,
        dialect=dialect,
    )


type Way = Callable[[GeneratedBackend, str | None, str], AbstractContextManager[Target]]
WAYS: dict[str, Way] = {"in-process": in_process, "socket": on_a_socket}
