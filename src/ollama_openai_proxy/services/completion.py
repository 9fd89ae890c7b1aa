"""The backend's answer to a request, as it comes or whole."""

from collections.abc import AsyncGenerator

from ollama_openai_proxy_models import openai

from ..translator.completion import as_whole
from ..translator.response.reader import CompletionReader
from ..translator.response.stream import ResponseStream, whole_response
from ..translator.response.writer import ResponseWriter
from ..web.responses import Response, json, ndjson_response
from .context import Operation
from .relay import CHAT, PLAIN, count, relay

type Upstream = openai.CreateChatCompletionRequest | openai.CreateCompletionRequest


async def complete(
    operation: Operation, upstream: Upstream, reader: CompletionReader, writer: ResponseWriter
) -> Response:
    """The backend's answer to `upstream`, as lines or whole, as that says."""
    asked = operation.now()
    if upstream.stream is True:
        return await ndjson_response(
            _streamed(operation, upstream, ResponseStream(reader, writer, asked))
        )
    backend = operation.services.backend
    if isinstance(upstream, openai.CreateCompletionRequest):
        completion = as_whole(await backend.create_completion(upstream))
    else:
        completion = await backend.create_chat_completion(upstream)
    with backend.secret.struck():  # it may be an error with the status 200
        answer = whole_response(completion, reader, writer, asked, operation.now())
    count(answer)
    return json(answer)


async def _streamed(
    operation: Operation, upstream: Upstream, answer: ResponseStream
) -> AsyncGenerator[bytes]:
    backend = operation.services.backend
    if isinstance(upstream, openai.CreateCompletionRequest):
        opened, form = backend.stream_completion(upstream), PLAIN
    else:
        opened, form = backend.stream_chat_completion(upstream), CHAT
    async with opened as source:
        async for run in relay(operation, source, answer, form):
            yield run
