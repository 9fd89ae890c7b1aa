"""`_debug_render_only`: what would be sent to the backend, for a person to read."""

import msgspec
from ollama_openai_proxy_models import ollama, openai

_encode = msgspec.json.Encoder().encode


def rendered(
    request: openai.CreateChatCompletionRequest | openai.CreateCompletionRequest,
) -> ollama.DebugInfo:
    """The request as JSON, in the place of the template that a backend renders by itself."""
    info = ollama.DebugInfo(rendered_template=_encode(request).decode())
    pictures = 0
    if isinstance(request, openai.CreateChatCompletionRequest):
        contents = [message.content for message in request.messages]
        parts = [part for content in contents if isinstance(content, list) for part in content]
        pictures = sum(isinstance(part, openai.ImagePart) for part in parts)
    if pictures:
        info.image_count = pictures
    return info
