"""POST /api/generate with `raw` or `suffix`: plain text to be continued, or a gap to be filled."""

from typing import Any

from ollama_openai_proxy_models import ollama, openai

from ..errors import BackendRefused, BadRequest, NotSupported, ProxyError
from ..profiles.dialects import Dialect
from .models.metadata import metadata
from .models.names import display
from .request import options
from .response import logprobs

_UNKNOWN_CONTEXT = 4096
"""Tokens that a model is taken to have where its backend does not tell: the least that is usual."""
_LEAST_ROOM = 256
_MOST_LOGPROBS = 5
_NO_ROUTE = (404, 501)


def is_meant(request: ollama.GenerateRequest) -> bool:
    """Whether `request` is for plain text, without the model's template."""
    return bool(request.raw or request.suffix)


def check(request: ollama.GenerateRequest, model: str, dialect: Dialect) -> None:
    """Raises what Ollama answers where the backend's `model` cannot do what is asked."""
    if request.raw and (request.template or request.system or request.context):
        raise BadRequest("raw mode does not support template, system, or context")
    if request.raw and not dialect.completions:
        raise NotSupported("raw mode is not supported: the backend applies its own template")
    if request.suffix and not request.raw and not _fills_gaps(model, dialect):
        raise no_insert(request)
    for name, given in (("images", request.images), ("format", request.format)):
        if is_meant(request) and given:
            raise BadRequest(f"{name} cannot be used with raw or suffix: the backend takes text")


def upstream_request(
    request: ollama.GenerateRequest, model: openai.Model, dialect: Dialect
) -> openai.CreateCompletionRequest:
    """The request for plain text. A raw prompt has its gap marked already: no suffix is sent."""
    fields: dict[str, Any] = options.openai_options(request.options, dialect)
    prompt = request.prompt or ""
    suffix = "" if request.raw else request.suffix or ""
    limit = fields.pop(dialect.max_tokens, None)
    fields["max_tokens"] = limit or _room(model, prompt + suffix)
    if suffix:
        fields["suffix"] = suffix
    if request.stream is not False:
        fields["stream"] = True
        fields["stream_options"] = openai.StreamOptions(include_usage=True)
    if request.logprobs:
        fields["logprobs"] = min(max(request.top_logprobs or 0, 1), _MOST_LOGPROBS)
    return openai.CreateCompletionRequest(model=model.id, prompt=prompt, **fields)


def refused(request: ollama.GenerateRequest, error: BackendRefused) -> ProxyError:
    """What to answer when the backend has refused: one that fills no gaps says so in many ways."""
    names_it = "suffix" in error.message.lower() and error.status < 502
    if request.suffix and not request.raw and (names_it or error.status in _NO_ROUTE):
        return no_insert(request)
    return error


def no_insert(request: ollama.GenerateRequest) -> BadRequest:
    """Ollama's refusal, with the name in full."""
    name = display(request.model)
    return BadRequest(f"registry.ollama.ai/library/{name} does not support insert")


def as_chunk(event: openai.CreateCompletionResponse) -> openai.CreateChatCompletionStreamResponse:
    """An event of a plain completion as one of a chat."""
    choices = None
    if event.choices is not None:
        choices = [
            openai.ChatCompletionStreamChoice(
                delta=openai.ChatCompletionStreamDelta(content=choice.text),
                finish_reason=choice.finish_reason,
                logprobs=logprobs.of_completion(choice.logprobs),
            )
            for choice in event.choices
        ]
    return openai.CreateChatCompletionStreamResponse(choices=choices, **_rest(event))


def as_whole(answer: openai.CreateCompletionResponse) -> openai.CreateChatCompletionResponse:
    """A whole plain completion as one of a chat."""
    choices = None
    if answer.choices is not None:
        choices = [
            openai.ChatCompletionChoice(
                message=openai.ChatCompletionMessage(content=choice.text),
                finish_reason=choice.finish_reason,
                logprobs=logprobs.of_completion(choice.logprobs),
            )
            for choice in answer.choices
        ]
    return openai.CreateChatCompletionResponse(choices=choices, **_rest(answer))


def _rest(answer: openai.CreateCompletionResponse) -> dict[str, Any]:
    names = ("id", "object", "usage", "timings", "x_groq", "error")
    return {name: getattr(answer, name) for name in names}


def _fills_gaps(model: str, dialect: Dialect) -> bool:
    return dialect.completions and (dialect.suffix is None or model.startswith(dialect.suffix))


def _room(model: openai.Model, text: str) -> int:
    """A limit where the client sets none: several servers stop after 16 tokens without one, and
    refuse one that is more than the model has left. A token is a byte at least."""
    context = metadata(model, _UNKNOWN_CONTEXT).context_length
    return max(context - len(text.encode()), _LEAST_ROOM)
