"""The operations of the OpenAI and Anthropic APIs, forwarded to the backend.

Nothing is translated: unknown fields reach the backend, and its events reach the client unchanged.
"""

import asyncio
import logging
from collections.abc import AsyncIterable, Mapping
from urllib.parse import quote

from ollama_openai_proxy_models import ollama, openai

from ..backend import Exchange, Forward, answer_headers
from ..errors import BackendRefused, ShuttingDown
from ..services.request import Request
from ..telemetry import RequestMetrics
from ..translator.v1_body import Fields
from ..v1_routes import V1_ROUTES, V1Route
from ..web.error_format import ANTHROPIC, OPENAI, ErrorFormat
from ..web.failures import failure_of
from ..web.request_body import RequestBody
from ..web.responses import Headers, Response, Send, WholeResponse, json
from .registration import Handler, Raw, WithoutBody

_log = logging.getLogger(__name__)
_OWNER = "library"
"""`owned_by` of a model without a known owner (openai/openai.go)."""
_NO_SUCH_OPERATION = (404, 405, 501)
"""Statuses of backends that lack an operation."""
_EVENT_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")
"""Ends of an event in an event stream. An error event can be appended only after one of them."""
_LONGEST_END = 4
"""Bytes of the longest of `_EVENT_ENDS`."""

_ERROR_FORMATS = {"openai": OPENAI, "anthropic": ANTHROPIC}


class ForwardedResponse:
    """The backend's response, forwarded as it arrives.

    `instead` is sent in its place if the backend lacks the operation.

    A failure after the headers is reported as an event if the response is an event stream.
    Otherwise the response is left incomplete, which makes the server close the connection, so that
    no client mistakes a part for the whole.
    """

    def __init__(
        self,
        exchange: Exchange,
        error_format: ErrorFormat,
        metrics: RequestMetrics,
        instead: WholeResponse | None = None,
    ) -> None:
        self._exchange = exchange
        self._error_format = error_format
        self._metrics = metrics
        self._instead = instead

    async def send(self, send: Send) -> None:
        """Send status, headers and each chunk. Raises failures that occur before the headers."""
        async with self._exchange as exchange:
            status, headers = exchange.status, answer_headers(exchange.headers)
            if self._instead is not None and status in _NO_SUCH_OPERATION:
                await self._instead.send(send)
                return
            if status >= 400:
                self._metrics.fail(BackendRefused("the backend returned an error", status))
                await _send_refusal(send, status, headers, await exchange.read_redacted())
                return
            events = _are_events(headers)
            if events:
                self._metrics.open_stream()
            await send({"type": "http.response.start", "status": status, "headers": headers})
            if await self._relay(exchange, send, events=events):
                await send({"type": "http.response.body", "body": b""})

    async def _relay(self, exchange: Exchange, send: Send, *, events: bool) -> bool:
        """Forward the body. Return whether it is complete or ended with an error event."""
        tail = _EVENT_ENDS[0]
        try:
            async for chunk in exchange:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                tail = (tail + chunk[-_LONGEST_END:])[-_LONGEST_END:]
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  (the edge)
            # Cancelled: the service is shutting down, or the client left and reads nothing.
            failure = failure_of(error, self._metrics)
            if failure is error:
                _log.warning(
                    "response_interrupted request_id=%s reason=%r",
                    self._metrics.id,
                    failure.message,
                )
            elif not isinstance(failure, ShuttingDown):
                return False
            if not (events and tail.endswith(_EVENT_ENDS)):
                return False
            last = self._error_format.last_event(failure)
            await send({"type": "http.response.body", "body": last, "more_body": True})
        return True


async def _send_refusal(send: Send, status: int, headers: Headers, body: bytes) -> None:
    headers = [pair for pair in headers if pair[0] != b"content-length"]
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _are_events(headers: Headers) -> bool:
    """Whether the response is an event stream to which an error event can be appended."""
    by_name = dict(headers)
    plain = b"content-encoding" not in by_name and b"content-length" not in by_name
    return plain and by_name.get(b"content-type", b"").lower().startswith(b"text/event-stream")


def _handler(route: V1Route) -> Handler:
    """The handler of an operation whose JSON body names a model."""

    async def function(request: Request, body: RequestBody) -> Response:
        content = await body.read()
        fields = Fields(content)
        model = fields.model
        if model is not None and model.strip():
            found = await request.resolve_any(model, _missing(model))
            request.services.loaded_models.keep(found, None, request.received_at)
            model = found.id
        content = fields.encode(model or None, route.dropped)
        return _forwarded(request, route, content)

    return Raw(function, _ERROR_FORMATS[route.api])


async def create_transcription(request: Request, body: RequestBody) -> Response:
    """Forward an upload while it arrives."""
    return _forwarded(request, _BY_ID["createTranscription"], body)


async def list_models(request: Request) -> Response:
    """Forward the backend's model list."""
    return _forwarded(request, _BY_ID["listModels"], None)


async def retrieve_model(request: Request) -> Response:
    """Forward one model, or return its entry in the list if the backend lacks this operation."""
    name = request.parameters["model"].rstrip("/")
    if not name:  # `/v1/models/` is the list
        return await list_models(request)
    models = request.services.models
    model = await request.resolve_any(name, _missing(name))
    listed = json(_openai_model(model)) if models.lists(model.id) else None
    route = _BY_ID["retrieveModel"]
    route = route._replace(path=route.path.format(model=quote(model.id, safe="")))
    return _forwarded(request, route, None, listed)


def _forwarded(
    request: Request,
    route: V1Route,
    content: bytes | AsyncIterable[bytes] | None,
    instead: WholeResponse | None = None,
) -> ForwardedResponse:
    services = request.services
    headers = list(request.headers)
    if isinstance(content, bytes) and request.header(b"content-type") is None:
        headers.append((b"content-type", b"application/json"))
    forward = Forward(
        request.method,
        route.path,
        request.query,
        headers,
        content,
        services.settings.pass_through_key,
    )
    backend = services.embeddings if route.embeds else services.backend
    exchange = backend.forward(forward, request.id)
    return ForwardedResponse(exchange, _ERROR_FORMATS[route.api], request.metrics, instead)


def _openai_model(model: openai.Model) -> ollama.OpenAIModel:
    created = int(model.created or 0)
    owner = model.owned_by or _OWNER
    return ollama.OpenAIModel(id=model.id, object="model", created=created, owned_by=owner)


def _missing(name: str) -> str:
    return f"model '{name}' not found"


_BY_ID = {route.operation_id: route for route in V1_ROUTES}
_SPECIAL: Mapping[str, Handler] = {
    "createTranscription": Raw(create_transcription, OPENAI),
    "listModels": WithoutBody(list_models, OPENAI),
    "retrieveModel": WithoutBody(retrieve_model, OPENAI),
}
V1_HANDLERS: Mapping[str, Handler] = {
    route.operation_id: _SPECIAL.get(route.operation_id) or _handler(route) for route in V1_ROUTES
}
"""Handlers by operationId."""
