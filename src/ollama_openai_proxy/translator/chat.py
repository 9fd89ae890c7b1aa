"""POST /api/chat."""

from typing import Any

from ollama_openai_proxy_models import ollama, openai

from ..profiles.dialects import Dialect
from .request import messages, options, tools
from .request import reasoning as thinking
from .request import response_format as structure
from .request.tool_names import plain_names
from .response.reader import CompletionReader


def to_openai(
    request: ollama.ChatRequest, model: str, dialect: Dialect
) -> openai.CreateChatCompletionRequest:
    """The request for the backend's `model`.

    Raises BadRequest for broken base64, InvalidOption for an unusable `format`.
    """
    form = structure.to_openai(request.format)
    plain = plain_names(request, dialect)
    conversation = messages.to_openai(request.messages or [], plain)
    conversation, form = structure.in_dialect(conversation, form, dialect)
    fields = shared_fields(request, form, dialect)
    definitions = tools.to_openai(request.tools, plain)
    if definitions:
        fields["tools"] = definitions
    return openai.CreateChatCompletionRequest(model=model, messages=conversation, **fields)


def completion_reader(request: ollama.ChatRequest, dialect: Dialect) -> CompletionReader:
    """What reads the answer to `request`."""
    return CompletionReader(
        request.think is not False,
        stops=options.own_stops(request.options, dialect),
        names={plain: name for name, plain in plain_names(request, dialect).items()},
    )


def shared_fields(
    request: ollama.ChatRequest | ollama.GenerateRequest,
    form: openai.ResponseFormat | None,
    dialect: Dialect,
) -> dict[str, Any]:
    """The fields that chat and generate fill alike. Nothing is null and nothing empty."""
    fields = options.to_openai(request.options, dialect)
    fields |= thinking.to_openai(request.think, dialect)
    if request.stream is not False:
        fields["stream"] = True
        fields["stream_options"] = openai.StreamOptions(include_usage=True)
    if form is not None:
        fields["response_format"] = form
    if request.logprobs:
        fields["logprobs"] = True
        if request.top_logprobs:
            fields["top_logprobs"] = request.top_logprobs
    return fields
