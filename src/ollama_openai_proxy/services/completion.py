"""Sends completion requests to the backend and builds the client's responses."""

from collections.abc import AsyncGenerator

from ollama_openai_proxy_models import openai

from ..backend import Exchange, decoded
from ..translator.response.reader import CompletionReader
from ..translator.response.stream import ResponseStream, whole_response
from ..translator.response.writer import ResponseWriter
from ..web.ndjson_response import ndjson_response
from ..web.responses import Response, json
from .relay import CHAT, PLAIN, Form, record_tokens, relay
from .request import Request

type Upstream = openai.CreateChatCompletionRequest | openai.CreateCompletionRequest


async def complete(
    request: Request, upstream: Upstream, reader: CompletionReader, writer: ResponseWriter
) -> Response:
    """Send `upstream`, and return the client's response, streamed if `upstream.stream` is true."""
    backend = request.services.backend
    form: Form
    if isinstance(upstream, openai.CreateCompletionRequest):
        exchange, form = backend.create_completion(upstream, request.id), PLAIN
    else:
        exchange, form = backend.create_chat_completion(upstream, request.id), CHAT
    sent_at = request.now()
    if upstream.stream is True:
        stream = ResponseStream(reader, writer, sent_at)
        return await ndjson_response(_streamed(request, exchange, stream, form), request.metrics)
    async with exchange:
        completion = decoded(form.whole, await exchange.read())
        response = whole_response(completion, reader, writer, sent_at, request.now())
    record_tokens(request.metrics, response)
    return json(response)


async def _streamed(
    request: Request, exchange: Exchange, stream: ResponseStream, form: Form
) -> AsyncGenerator[bytes]:
    async with exchange:
        async for lines in relay(request, exchange, stream, form):
            yield lines
