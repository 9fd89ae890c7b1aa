"""POST /api/chat."""

from ollama_openai_proxy_models import ollama

from ..errors import BadRequest
from ..services.completion import complete
from ..services.request import Request
from ..translator import chat as translator
from ..translator.debug_render import rendered
from ..translator.keep_alive import parse_keep_alive
from ..translator.response.writer import ChatWriter
from ..web.responses import Response, json


async def chat(request: Request, body: ollama.ChatRequest) -> Response:
    """Generate the next message. Without messages, only load or unload the model."""
    if not body.model.strip():
        raise BadRequest("model is required")
    keep_alive = parse_keep_alive(body.keep_alive)
    services = request.services
    model = await request.resolve(body.model, f"model '{body.model}' not found")
    services.loaded_models.keep(model, keep_alive, request.received_at)
    writer = ChatWriter(body.model, request.received_at, body.top_logprobs or 0)
    if not body.messages:
        return json(writer.idle("unload" if keep_alive == 0 else "load", request.now()))
    dialect = services.models.dialect
    upstream = translator.upstream_request(body, model.id, dialect)
    if body.field_debug_render_only:
        return json(writer.rendered(rendered(upstream), request.now()))
    return await complete(request, upstream, translator.completion_reader(body, dialect), writer)
