"""A backend inside the process, with fixed responses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, MutableMapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ollama_openai_proxy.app import create_app
from ollama_openai_proxy.backend.transport import BackendRequest, BackendResponse
from ollama_openai_proxy.backend.transport.seam import RawHeaders
from ollama_openai_proxy.config.settings import Settings

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Message, Receive, Send], Awaitable[None]]


class Response(NamedTuple):
    """A response whose body has `parts`, each returned by a separate read.

    With `gate`, the last part is not returned until this event is set.
    """

    media_type: str
    parts: Sequence[bytes]
    gate: asyncio.Event | None = None

    async def reads(self) -> AsyncIterator[bytes]:
        """Yield the parts. The event loop runs before each part, as it does between two reads."""
        last = len(self.parts) - 1
        for at, part in enumerate(self.parts):
            await Iteration()
            if at == last and self.gate is not None:
                await self.gate.wait()
            yield part


class Iteration:
    """An awaitable that lets the event loop run for one iteration."""

    def __await__(self) -> Generator[None]:
        yield


class StandIn:
    """A backend with a fixed response for each path (`/models`, `/chat/completions`, …)."""

    def __init__(self) -> None:
        self.responses: dict[str, Response] = {}

    def respond(self, path: str) -> Response:
        """The response for the URL path `path`."""
        return next(it for end, it in self.responses.items() if path.endswith(end))


def service(settings: Settings, backend: StandIn) -> Application:
    """The service connected to `backend`. Only this module depends on the transport interface."""
    application: Application = create_app(settings, _Transport(backend))
    return application


class _Transport:
    def __init__(self, backend: StandIn) -> None:
        self._backend = backend

    async def send(self, request: BackendRequest) -> BackendResponse:
        response = self._backend.respond(urlsplit(request.url).path)
        await Iteration()
        return _Response(response)

    async def close(self) -> None:
        pass


class _Response:
    status: int = 200
    reason: str = "OK"

    def __init__(self, response: Response) -> None:
        self._reads = response.reads()
        self.headers: RawHeaders = [(b"content-type", response.media_type.encode())]

    async def read_some(self) -> bytes:
        return await anext(self._reads, b"")

    def close(self) -> None:
        pass
