"""POST /api/chat."""

from typing import Any

from ollama_openai_proxy_models import ollama, openai

from ..profiles.dialects import Dialect
from .request import messages, options, reasoning, response_format, tools
from .request.tool_names import plain_names
from .response.reader import CompletionReader


def upstream_request(
    request: ollama.ChatRequest, model: str, dialect: Dialect
) -> openai.CreateChatCompletionRequest:
    """The chat request for the backend's `model`.

    Raises BadRequest for invalid base64 and InvalidOption for an invalid `format`.
    """
    form = response_format.openai_response_format(request.format)
    plain = plain_names(request, dialect)
    conversation = messages.openai_messages(request.messages or [], plain)
    conversation, form = response_format.in_dialect(conversation, form, dialect)
    fields = shared_fields(request, form, dialect)
    definitions = tools.openai_tools(request.tools, plain)
    if definitions:
        fields["tools"] = definitions
    return openai.CreateChatCompletionRequest(model=model, messages=conversation, **fields)


def completion_reader(request: ollama.ChatRequest, dialect: Dialect) -> CompletionReader:
    """The reader for the response to `request`."""
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
    """The request fields that chat and generate have in common.

    Fields without a value are left out, since strict backends reject null and empty values.
    """
    fields = options.openai_options(request.options, dialect)
    fields |= reasoning.openai_reasoning(request.think, dialect)
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
