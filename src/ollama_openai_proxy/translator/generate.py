"""POST /api/generate."""

from ollama_openai_proxy_models import ollama, openai

from ..profiles.dialects import Dialect
from . import completion
from .chat import shared_fields
from .context import Conversation, unpack
from .request import messages, options, response_format
from .response.reader import CompletionReader


def earlier(request: ollama.GenerateRequest) -> Conversation:
    """What was said before `request`, by its `context`; its own system prompt takes precedence.

    A context that is not ours, such as Ollama's token ids, says nothing.
    """
    said = unpack(request.context or []) or Conversation()
    return Conversation(request.system or said.system, said.exchanges)


def upstream_request(
    request: ollama.GenerateRequest, said: Conversation, model: str, dialect: Dialect
) -> openai.CreateChatCompletionRequest:
    """The request for the backend's `model`: a conversation that ends with the prompt.

    Raises BadRequest for broken base64, InvalidOption for an unusable `format`.
    """
    form = response_format.openai_response_format(request.format)
    conversation = messages.prompt_to_openai(
        request.prompt or "", request.images, said.system, said.exchanges
    )
    conversation, form = response_format.in_dialect(conversation, form, dialect)
    return openai.CreateChatCompletionRequest(
        model=model, messages=conversation, **shared_fields(request, form, dialect)
    )


def completion_reader(request: ollama.GenerateRequest, dialect: Dialect) -> CompletionReader:
    """What reads the answer to `request`. What a model says to plain text is left as it is."""
    return CompletionReader(
        request.think is not False,
        tags=not completion.is_meant(request),
        stops=options.own_stops(request.options, dialect),
    )
