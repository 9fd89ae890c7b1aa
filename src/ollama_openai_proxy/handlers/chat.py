"""POST /api/chat."""

from collections.abc import AsyncGenerator

from ollama_openai_proxy_models import ollama, openai

from ..errors import BadRequest
from ..translator import chat as translator
from ..translator.keep_alive import parse_keep_alive
from ..translator.lines import ChatLines
from ..translator.lines import Lines as AnswerLines
from ..translator.stream import AnswerStream, whole_answer
from ..translator.turn import Turn
from ._answer import Answer, json, lines
from ._context import Operation
from ._relay import relay


async def chat(operation: Operation, request: ollama.ChatRequest) -> Answer:
    """Answers a conversation; an empty one only loads or unloads the model."""
    if not request.model.strip():
        raise BadRequest("model is required")
    keep_alive = parse_keep_alive(request.keep_alive)
    services = operation.services
    model = await services.models.resolve(request.model, f"model '{request.model}' not found")
    services.residents.keep(model, keep_alive, operation.began)
    written = ChatLines(request.model, operation.began, request.top_logprobs or 0)
    if not request.messages:
        return json(written.idle("unload" if keep_alive == 0 else "load", operation.now()))
    upstream = translator.to_openai(request, model.id, services.models.dialect)
    turn = Turn(thinking=request.think is not False)
    return await answered(operation, upstream, turn, written)


async def answered(
    operation: Operation,
    upstream: openai.CreateChatCompletionRequest,
    turn: Turn,
    written: AnswerLines,
) -> Answer:
    """The backend's answer to `upstream`, as lines or whole, as that says."""
    asked = operation.now()
    if upstream.stream is True:
        return await lines(_streamed(operation, upstream, AnswerStream(turn, written, asked)))
    backend = operation.services.backend
    completion = await backend.create_chat_completion(upstream)
    with backend.secret.struck():  # it may be an error with the status 200
        return json(whole_answer(completion, turn, written, asked, operation.now()))


async def _streamed(
    operation: Operation,
    upstream: openai.CreateChatCompletionRequest,
    answer: AnswerStream,
) -> AsyncGenerator[bytes]:
    async with operation.services.backend.stream_chat_completion(upstream) as source:
        async for run in relay(operation, source, answer):
            yield run
