"""A backend inside the process, with fixed responses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, MutableMapping, Sequence
from typing import Any, NamedTuple

import httpx

from ollama_openai_proxy.app import create_app
from ollama_openai_proxy.config.settings import Settings

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Message, Receive, Send], Awaitable[None]]


class Response(NamedTuple):
    """A body in `pieces`, each of which is a read of its own.

    With `gate` the body stops before its last piece until that event is set.
    """

    media_type: str
    pieces: Sequence[bytes]
    gate: asyncio.Event | None = None

    async def reads(self) -> AsyncIterator[bytes]:
        """The pieces; the event loop runs before each of them, as it does between two reads."""
        last = len(self.pieces) - 1
        for at, piece in enumerate(self.pieces):
            await CompletionReader()
            if at == last and self.gate is not None:
                await self.gate.wait()
            yield piece


class CompletionReader:
    """Awaited, it gives the event loop one iteration."""

    def __await__(self) -> Generator[None]:
        yield


class StandIn:
    """The response for each path (`/models`, `/chat/completions`, …)."""

    def __init__(self) -> None:
        self.responses: dict[str, Response] = {}

    def respond(self, path: str) -> Response:
        """The response to a request for a URL's path."""
        return next(it for end, it in self.responses.items() if path.endswith(end))


def service(settings: Settings, backend: StandIn) -> Application:
    """The service, connected to `backend`.

    The only place that knows how the service reaches a backend. The httpx objects made here are
    counted as the service's work: the network transport makes the same ones.
    """
    application: Application = create_app(settings, _Transport(backend))
    return application


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, backend: StandIn) -> None:
        self._backend = backend

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = self._backend.respond(request.url.path)
        await CompletionReader()
        headers = {"content-type": response.media_type}
        return httpx.Response(200, headers=headers, stream=_Body(response))


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: Response) -> None:
        self._reads = response.reads()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._reads
