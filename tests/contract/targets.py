"""The service under test: in this process, or with its backend on sockets."""

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
"""The API key of services that require one."""
_MODELS_TTL = 5
"""Look-ups until the model list is fetched again: the clock advances by 1 s at each."""


class Target(NamedTuple):
    """A service as an ASGI application or a URL, its backend, and its API key if it requires one."""

    backend: GeneratedBackend
    app: Any = None
    url: str | None = None
    key: str | None = None


@contextmanager
def in_process(
    backend: GeneratedBackend, key: str | None = None, dialect: str = "auto"
) -> Iterator[Target]:
    """Create the ASGI application; requests do not use a socket."""
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
    """Serve the application and its backend with uvicorn in a thread."""
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
    """A clock that advances by 1 s at each reading, so that results do not depend on speed."""
    ticks = count(1)
    return clock_of(lambda: float(next(ticks)))


def _settings(backend_url: str, key: str | None, dialect: str) -> Settings:
    return read_settings(
        backend_url=f"{backend_url}/v1",
        unlisted_models="pass",
        models_ttl=_MODELS_TTL,
        api_keys=key,
        dialect=dialect,
    )


type Way = Callable[[GeneratedBackend, str | None, str], AbstractContextManager[Target]]
WAYS: dict[str, Way] = {"in-process": in_process, "socket": on_a_socket}
