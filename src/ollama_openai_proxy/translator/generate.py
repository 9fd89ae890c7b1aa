"""POST /api/generate."""

from ollama_openai_proxy_models import ollama, openai

from . import messages, structure
from .chat import shared_fields
from .dialects import Dialect


def to_openai(
    request: ollama.GenerateRequest, model: str, dialect: Dialect
) -> openai.CreateChatCompletionRequest:
    """The request for the backend's `model`: a conversation of the system prompt and the prompt.

    Raises BadRequest for broken base64, InvalidOption for an unusable `format`.
    """
    form = structure.to_openai(request.format)
    conversation = messages.prompt_to_openai(request.prompt or "", request.system, request.images)
    return openai.CreateChatCompletionRequest(
        model=model,
        messages=structure.with_the_word(conversation, form),
        **shared_fields(request, form, dialect),
    )
