"""POST /api/generate."""

from ollama_openai_proxy_models import ollama, openai

from ..profiles.dialects import Dialect
from . import completion
from .chat import shared_fields
from .context import Conversation, unpack
from .request import messages, options, response_format
from .response.reader import CompletionReader


def earlier(request: ollama.GenerateRequest) -> Conversation:
    """The conversation in the request's `context`.

    The request's own system prompt takes precedence. A context that was not created by this
    service, such as Ollama's token IDs, is ignored.
    """
    history = unpack(request.context or []) or Conversation()
    return Conversation(request.system or history.system, history.exchanges)


def upstream_request(
    request: ollama.GenerateRequest, history: Conversation, model: str, dialect: Dialect
) -> openai.CreateChatCompletionRequest:
    """The chat request for the backend's `model`: `history`, followed by the prompt.

    Raises BadRequest for invalid base64 and InvalidOption for an invalid `format`.
    """
    form = response_format.openai_response_format(request.format)
    conversation = messages.prompt_to_openai(
        request.prompt or "", request.images, history.system, history.exchanges
    )
    conversation, form = response_format.in_dialect(conversation, form, dialect)
    return openai.CreateChatCompletionRequest(
        model=model, messages=conversation, **shared_fields(request, form, dialect)
    )


def completion_reader(request: ollama.GenerateRequest, dialect: Dialect) -> CompletionReader:
    """The reader for the response to `request`.

    Think tags are only parsed in chat completions; raw completions are passed on unchanged.
    """
    return CompletionReader(
        request.think is not False,
        tags=not completion.is_meant(request),
        stops=options.own_stops(request.options, dialect),
    )
