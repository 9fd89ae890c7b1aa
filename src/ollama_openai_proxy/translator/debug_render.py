"""The response to `_debug_render_only`: the request that would be sent to the backend."""

import msgspec
from ollama_openai_proxy_models import ollama, openai

_encode = msgspec.json.Encoder().encode


def rendered(
    request: openai.CreateChatCompletionRequest | openai.CreateCompletionRequest,
) -> ollama.DebugInfo:
    """The request as JSON, in place of Ollama's rendered template, and its number of images.

    The prompt template itself is applied by the backend and is not known here.
    """
    info = ollama.DebugInfo(rendered_template=_encode(request).decode())
    image_count = 0
    if isinstance(request, openai.CreateChatCompletionRequest):
        contents = [message.content for message in request.messages]
        parts = [part for content in contents if isinstance(content, list) for part in content]
        image_count = sum(isinstance(part, openai.ImagePart) for part in parts)
    if image_count:
        info.image_count = image_count
    return info
