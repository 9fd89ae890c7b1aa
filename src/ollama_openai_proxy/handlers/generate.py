"""POST /api/generate."""

from ollama_openai_proxy_models import ollama, openai

from ..errors import BackendRefused, BadRequest, ModelNotFound
from ..profiles.dialects import Dialect
from ..services.completion import Upstream, answered
from ..services.context import Operation
from ..translator import completion
from ..translator import generate as translator
from ..translator.debug_render import rendered
from ..translator.keep_alive import parse_keep_alive
from ..translator.response.writer import GenerateLines
from ..web.responses import Answer, json


async def generate(operation: Operation, request: ollama.GenerateRequest) -> Answer:
    """Continues a prompt; an empty one only loads or unloads the model."""
    missing = f"model '{request.model}' not found"
    if not request.model.strip():
        raise ModelNotFound(missing)
    keep_alive = parse_keep_alive(request.keep_alive)
    services = operation.services
    model = await services.models.resolve(request.model, missing)
    services.residents.keep(model, keep_alive, operation.began)
    if not request.prompt:
        written = GenerateLines(request.model, operation.began)
        return json(written.idle("unload" if keep_alive == 0 else "load", operation.now()))
    return await _continued(operation, request, model, services.models.dialect)


async def _continued(
    operation: Operation, request: ollama.GenerateRequest, model: openai.Model, dialect: Dialect
) -> Answer:
    completion.check(request, model.id, dialect)
    if request.template:
        raise BadRequest("template is not supported: the backend has its own for each model")
    said = translator.earlier(request)
    written = GenerateLines(
        request.model,
        operation.began,
        request.top_logprobs or 0,
        earlier=None if request.raw else said,
        prompt=request.prompt or "",
    )
    upstream: Upstream
    if completion.is_meant(request):
        upstream = completion.to_openai(request, model, dialect)
    else:
        upstream = translator.to_openai(request, said, model.id, dialect)
    if request.field_debug_render_only:
        return json(written.rendered(rendered(upstream), operation.now()))
    try:
        return await answered(operation, upstream, translator.turn_of(request, dialect), written)
    except BackendRefused as error:
        raise completion.refused(request, error) from error
