"""POST /api/generate."""

from ollama_openai_proxy_models import ollama, openai

from ..errors import BackendRefused, BadRequest, ModelNotFound
from ..profiles.dialects import Dialect
from ..services.completion import Upstream, complete
from ..services.context import Operation
from ..translator import completion
from ..translator import generate as translator
from ..translator.debug_render import rendered
from ..translator.keep_alive import parse_keep_alive
from ..translator.response.writer import GenerateWriter
from ..web.responses import Response, json


async def generate(operation: Operation, request: ollama.GenerateRequest) -> Response:
    """Continues a prompt; an empty one only loads or unloads the model."""
    missing = f"model '{request.model}' not found"
    if not request.model.strip():
        raise ModelNotFound(missing)
    keep_alive = parse_keep_alive(request.keep_alive)
    services = operation.services
    model = await services.models.resolve(request.model, missing)
    services.loaded_models.keep(model, keep_alive, operation.began)
    if not request.prompt:
        writer = GenerateWriter(request.model, operation.began)
        return json(writer.idle("unload" if keep_alive == 0 else "load", operation.now()))
    return await _continued(operation, request, model, services.models.dialect)


async def _continued(
    operation: Operation, request: ollama.GenerateRequest, model: openai.Model, dialect: Dialect
) -> Response:
    completion.check(request, model.id, dialect)
    if request.template:
        raise BadRequest("template is not supported: the backend has its own for each model")
    said = translator.earlier(request)
    writer = GenerateWriter(
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
        return json(writer.rendered(rendered(upstream), operation.now()))
    try:
        return await complete(
            operation, upstream, translator.completion_reader(request, dialect), writer
        )
    except BackendRefused as error:
        raise completion.refused(request, error) from error
