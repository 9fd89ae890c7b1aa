"""POST /api/chat."""

from ollama_openai_proxy_models import ollama

from ..errors import BadRequest
from ..services.completion import complete
from ..services.context import Operation
from ..translator import chat as translator
from ..translator.debug_render import rendered
from ..translator.keep_alive import parse_keep_alive
from ..translator.response.writer import ChatWriter
from ..web.responses import Response, json


async def chat(operation: Operation, request: ollama.ChatRequest) -> Response:
    """Answers a conversation; an empty one only loads or unloads the model."""
    if not request.model.strip():
        raise BadRequest("model is required")
    keep_alive = parse_keep_alive(request.keep_alive)
    services = operation.services
    model = await services.models.resolve(request.model, f"model '{request.model}' not found")
    services.loaded_models.keep(model, keep_alive, operation.began)
    writer = ChatWriter(request.model, operation.began, request.top_logprobs or 0)
    if not request.messages:
        return json(writer.idle("unload" if keep_alive == 0 else "load", operation.now()))
    dialect = services.models.dialect
    upstream = translator.to_openai(request, model.id, dialect)
    if request.field_debug_render_only:
        return json(writer.rendered(rendered(upstream), operation.now()))
    return await complete(
        operation, upstream, translator.completion_reader(request, dialect), writer
    )
