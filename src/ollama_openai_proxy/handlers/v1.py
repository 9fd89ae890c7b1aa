"""The OpenAI operations (and Anthropic's): passed to the backend, and its answers back.

Nothing is translated: fields that nobody here has heard of reach the backend, and its events
reach the client as they are.
"""

import asyncio
import logging
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple
from urllib.parse import quote

from ollama_openai_proxy_models import ollama, openai

from ..backend import Backend, Forward, Forwarded
from ..errors import BackendRefused, ProxyError, ShuttingDown
from ..services.context import Operation
from ..telemetry import current
from ..translator.v1_body import Fields
from ..web.error_format import ANTHROPIC, OPENAI, ErrorFormat
from ..web.request import Request
from ..web.responses import Response, Send, WholeResponse, json

_log = logging.getLogger(__name__)
_OWNER = "library"
"""Whose a model is that nobody is said to own (openai/openai.go)."""
_NO_SUCH_OPERATION = (404, 405, 501)
_EVENT_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")
_LONGEST_END = 4

type Function = Callable[[Operation, Request], Awaitable[Response]]


class Route(NamedTuple):
    """An operation of the backend; `without` names fields that some clients put in by mistake."""

    path: str
    envelope: ErrorFormat = OPENAI
    without: tuple[str, ...] = ()
    vectors: bool = False


# goose sends Ollama's `options` along with a chat; strict backends refuse it.
_CHAT = Route("/chat/completions", without=("options",))


class ForwardedResponse:
    """The backend's answer, sent on as it comes; `instead` where it has no such operation.

    A failure on the way is an event where the answer consists of events; else the connection ends
    in the middle, so that nobody takes a part for the whole.
    """

    def __init__(
        self,
        opening: AbstractAsyncContextManager[Forwarded],
        envelope: ErrorFormat,
        instead: WholeResponse | None = None,
    ) -> None:
        self._opening = opening
        self._envelope = envelope
        self._instead = instead

    async def send(self, send: Send) -> None:
        """Sends status, headers and each chunk. Raises what fails before them."""
        async with self._opening as answer:
            if self._instead is not None and answer.status in _NO_SUCH_OPERATION:
                await self._instead.send(send)
                return
            if answer.status >= 400:
                current().fails(BackendRefused("the backend refused", answer.status))
            if _are_events(answer):
                current().streams()
            await send(
                {
                    "type": "http.response.start",
                    "status": answer.status,
                    "headers": answer.headers,
                }
            )
            if await self._relay(answer, send):
                await send({"type": "http.response.body", "body": b""})

    async def _relay(self, answer: Forwarded, send: Send) -> bool:
        """Whether the answer came to an end that can be told."""
        tail = _EVENT_ENDS[0]
        try:
            async for chunk in answer.chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                tail = (tail + chunk[-_LONGEST_END:])[-_LONGEST_END:]
        except (ProxyError, asyncio.CancelledError) as failed:
            # Cancelled when the service ends; or the client has left, and this goes nowhere.
            failure = failed if isinstance(failed, ProxyError) else ShuttingDown()
            if failure is failed:
                _log.warning("an answer broke off: %s", failure.message)
            current().fails(failure)
            if not (_are_events(answer) and tail.endswith(_EVENT_ENDS)):
                return False
            last = self._envelope.last_event(failure)
            await send({"type": "http.response.body", "body": last, "more_body": True})
        except Exception:  # noqa: BLE001  (the edge, once a status is out)
            _log.exception("an answer broke off")
            current().fails(ProxyError("internal error"))
            return False
        return True


def _are_events(answer: Forwarded) -> bool:
    headers = dict(answer.headers)
    plain = b"content-encoding" not in headers and b"content-length" not in headers
    return plain and headers.get(b"content-type", b"").lower().startswith(b"text/event-stream")


def posted(route: Route) -> Function:
    """The function of an operation whose body is JSON with a model."""

    async def function(operation: Operation, request: Request) -> Response:
        content = await request.body.read()
        fields = Fields(content)
        model = fields.model
        if model is not None and model.strip():
            found = await operation.services.models.passed(model, _missing(model))
            operation.services.loaded_models.keep(found, None, operation.began)
            model = found.id
        content = fields.encode(model or None, route.without)
        return _relayed(operation, request, route, content)

    return function


async def create_transcription(operation: Operation, request: Request) -> Response:
    """Passes an upload on while it comes."""
    return _relayed(operation, request, _TRANSCRIPTION, request.body)


async def list_models(operation: Operation, request: Request) -> Response:
    """The backend's own list."""
    return _relayed(operation, request, Route("/models"), None)


async def retrieve_model(operation: Operation, request: Request) -> Response:
    """One model; what the list says of it where the backend tells of no single ones."""
    name = request.parameters["model"].rstrip("/")
    if not name:  # but for a slash too many, the list was meant
        return await list_models(operation, request)
    models = operation.services.models
    model = await models.passed(name, _missing(name))
    listed = json(_described(model)) if models.lists(model.id) else None
    route = Route(f"/models/{quote(model.id, safe='')}")
    return _relayed(operation, request, route, None, listed)


def _relayed(
    operation: Operation,
    request: Request,
    route: Route,
    content: bytes | AsyncIterable[bytes] | None,
    instead: WholeResponse | None = None,
) -> ForwardedResponse:
    services = operation.services
    headers = request.headers
    if isinstance(content, bytes) and request.header(b"content-type") is None:
        headers = [*headers, (b"content-type", b"application/json")]
    forward = Forward(
        request.method,
        route.path,
        request.query,
        headers,
        content,
        services.settings.pass_through_key,
    )
    backend: Backend = services.embeddings if route.vectors else services.backend
    return ForwardedResponse(backend.forward(forward), route.envelope, instead)


def _described(model: openai.Model) -> ollama.OpenAIModel:
    created = int(model.created or 0)
    owner = model.owned_by or _OWNER
    return ollama.OpenAIModel(id=model.id, object="model", created=created, owned_by=owner)


def _missing(name: str) -> str:
    return f"model '{name}' not found"


_TRANSCRIPTION = Route("/audio/transcriptions")

FORWARDED: Mapping[str, tuple[Function, ErrorFormat]] = {
    "createChatCompletion": (posted(_CHAT), OPENAI),
    "createCompletion": (posted(Route("/completions")), OPENAI),
    "createEmbedding": (posted(Route("/embeddings", vectors=True)), OPENAI),
    "createResponse": (posted(Route("/responses")), OPENAI),
    "createMessage": (posted(Route("/messages", ANTHROPIC)), ANTHROPIC),
    "createTranscription": (create_transcription, OPENAI),
    "listModels": (list_models, OPENAI),
    "retrieveModel": (retrieve_model, OPENAI),
}
"""By operationId."""
