"""POST /api/generate with `raw` or `suffix`, translated to text completions.

With `raw` the model continues the prompt without a prompt template. With `suffix` it generates the
text between the prompt and the suffix.
"""

from typing import Any

from ollama_openai_proxy_models import ollama, openai

from ..errors import BackendRefused, BadRequest, NotSupported, ProxyError
from ..profiles.dialects import Dialect
from .models.metadata import metadata
from .models.names import display
from .request import options
from .response import logprobs

_UNKNOWN_CONTEXT = 4096
"""Context length in tokens if the backend does not report one: the smallest in common use."""
_LEAST_ROOM = 256  # tokens, so that an estimate of the prompt that is too high leaves some output
_MOST_LOGPROBS = 5  # OpenAI's limit for text completions
_NO_ROUTE = (404, 501)


def is_meant(request: ollama.GenerateRequest) -> bool:
    """Whether `request` needs a text completion, without the model's prompt template."""
    return bool(request.raw or request.suffix)


def check(request: ollama.GenerateRequest, model: str, dialect: Dialect) -> None:
    """Check that the backend's `model` can serve `request`.

    Raises BadRequest, with Ollama's message if there is one, or NotSupported.
    """
    if request.raw and (request.template or request.system or request.context):
        raise BadRequest("raw mode does not support template, system, or context")
    if request.raw and not dialect.completions:
        raise NotSupported("raw mode is not supported: the backend applies its own template")
    if request.suffix and not request.raw and not _supports_suffix(model, dialect):
        raise no_insert(request)
    for name, value in (("images", request.images), ("format", request.format)):
        if is_meant(request) and value:
            raise BadRequest(
                f"{name} cannot be used with raw or suffix: the backend accepts only text there"
            )


def upstream_request(
    request: ollama.GenerateRequest, model: openai.Model, dialect: Dialect
) -> openai.CreateCompletionRequest:
    """The text completion request.

    `suffix` is not sent with a raw prompt, which contains the model's infill tokens already.
    """
    fields: dict[str, Any] = options.openai_options(request.options, dialect)
    prompt = request.prompt or ""
    suffix = "" if request.raw else request.suffix or ""
    limit = fields.pop(dialect.max_tokens, None)
    fields["max_tokens"] = limit or _token_limit(model, prompt + suffix)
    if suffix:
        fields["suffix"] = suffix
    if request.stream is not False:
        fields["stream"] = True
        fields["stream_options"] = openai.StreamOptions(include_usage=True)
    if request.logprobs:
        fields["logprobs"] = min(max(request.top_logprobs or 0, 1), _MOST_LOGPROBS)
    return openai.CreateCompletionRequest(model=model.id, prompt=prompt, **fields)


def refused(request: ollama.GenerateRequest, error: BackendRefused) -> ProxyError:
    """The error for the client if the backend returns `error`.

    Backends without support for `suffix` report this in different ways, either by a message that
    contains the word or by a status for a missing route; Ollama has a single message for it.
    """
    mentions_suffix = "suffix" in error.message.lower() and error.status < 502
    if request.suffix and not request.raw and (mentions_suffix or error.status in _NO_ROUTE):
        return no_insert(request)
    return error


def no_insert(request: ollama.GenerateRequest) -> BadRequest:
    """Ollama's error for a model that does not support `suffix`, with the model's full name."""
    name = display(request.model)
    return BadRequest(f"registry.ollama.ai/library/{name} does not support insert")


def as_chunk(event: openai.CreateCompletionResponse) -> openai.CreateChatCompletionStreamResponse:
    """Convert an event of a text completion stream to a chat completion event."""
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


def as_whole(response: openai.CreateCompletionResponse) -> openai.CreateChatCompletionResponse:
    """Convert a text completion to a chat completion."""
    choices = None
    if response.choices is not None:
        choices = [
            openai.ChatCompletionChoice(
                message=openai.ChatCompletionMessage(content=choice.text),
                finish_reason=choice.finish_reason,
                logprobs=logprobs.of_completion(choice.logprobs),
            )
            for choice in response.choices
        ]
    return openai.CreateChatCompletionResponse(choices=choices, **_rest(response))


def _rest(response: openai.CreateCompletionResponse) -> dict[str, Any]:
    names = ("id", "object", "usage", "timings", "x_groq", "error")
    return {name: getattr(response, name) for name in names}


def _supports_suffix(model: str, dialect: Dialect) -> bool:
    return dialect.completions and (dialect.suffix is None or model.startswith(dialect.suffix))


def _token_limit(model: openai.Model, text: str) -> int:
    """The `max_tokens` for a request without a limit.

    Several servers stop after 16 tokens if no limit is sent, and reject a limit above the remaining
    context. The prompt's tokens are estimated as its bytes, since a token has at least one byte.
    """
    context = metadata(model, _UNKNOWN_CONTEXT).context_length
    return max(context - len(text.encode()), _LEAST_ROOM)
