"""POST /api/generate."""

from ollama_openai_proxy_models import ollama, openai

from ..errors import BackendRefused, BadRequest, ModelNotFound
from ..profiles.dialects import Dialect
from ..services.completion import Upstream, complete
from ..services.request import Request
from ..translator import completion
from ..translator import generate as translator
from ..translator.debug_render import rendered
from ..translator.keep_alive import parse_keep_alive
from ..translator.response.writer import GenerateWriter
from ..web.responses import Response, json


async def generate(request: Request, body: ollama.GenerateRequest) -> Response:
    """Complete a prompt. Without a prompt, only load or unload the model."""
    missing = f"model '{body.model}' not found"
    if not body.model.strip():
        raise ModelNotFound(missing)
    keep_alive = parse_keep_alive(body.keep_alive)
    services = request.services
    model = await request.resolve(body.model, missing)
    services.loaded_models.keep(model, keep_alive, request.received_at)
    if not body.prompt:
        writer = GenerateWriter(body.model, request.received_at)
        return json(writer.idle("unload" if keep_alive == 0 else "load", request.now()))
    return await _complete_prompt(request, body, model, services.models.dialect)


async def _complete_prompt(
    request: Request, body: ollama.GenerateRequest, model: openai.Model, dialect: Dialect
) -> Response:
    completion.check(body, model.id, dialect)
    if body.template:
        raise BadRequest("template is not supported: the backend applies the template of the model")
    earlier = translator.earlier(body)
    writer = GenerateWriter(
        body.model,
        request.received_at,
        body.top_logprobs or 0,
        earlier=None if body.raw else earlier,
        prompt=body.prompt or "",
    )
    upstream: Upstream
    if completion.is_meant(body):
        upstream = completion.upstream_request(body, model, dialect)
    else:
        upstream = translator.upstream_request(body, earlier, model.id, dialect)
    if body.field_debug_render_only:
        return json(writer.rendered(rendered(upstream), request.now()))
    try:
        return await complete(
            request, upstream, translator.completion_reader(body, dialect), writer
        )
    except BackendRefused as error:
        raise completion.refused(body, error) from error
