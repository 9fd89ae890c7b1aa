"""The service under test: in this process, or on a socket with its backend on another."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any, NamedTuple

from anyio.from_thread import start_blocking_portal
from schemathesis.python.asgi import shutdown_lifespans

from ollama_openai_proxy.app import create_app
from ollama_openai_proxy.settings import Settings, read_settings
from tests.fakes.generated import GeneratedBackend
from tests.fakes.service import running, serving

KEY = "sk-contract-key"
"""What a service that asks for a key is asked with."""
_AGE_OF_LISTS = 0.05


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
    app = create_app(_settings("http://backend.test", key, dialect), backend.transport())
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
    async with (
        serving(backend) as backend_url,
        running(_settings(backend_url, key, dialect)) as url,
    ):
        yield url


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
