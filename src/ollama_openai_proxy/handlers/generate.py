"""POST /api/generate."""

from ollama_openai_proxy_models import ollama

from ..errors import BadRequest, ModelNotFound, NotSupported
from ..translator import generate as translator
from ..translator.keep_alive import parse_keep_alive
from ..translator.lines import GenerateLines
from ..translator.names import display
from ..translator.turn import Turn
from ._answer import Answer, json
from ._context import Operation
from .chat import answered


async def generate(operation: Operation, request: ollama.GenerateRequest) -> Answer:
    """Continues a prompt; an empty one only loads or unloads the model."""
    missing = f"model '{request.model}' not found"
    if not request.model.strip():
        raise ModelNotFound(missing)
    keep_alive = parse_keep_alive(request.keep_alive)
    services = operation.services
    model = await services.models.resolve(request.model, missing)
    services.residents.keep(model, keep_alive, operation.began)
    written = GenerateLines(request.model, operation.began, request.top_logprobs or 0)
    if not request.prompt:
        return json(written.idle("unload" if keep_alive == 0 else "load", operation.now()))
    _check(request)
    upstream = translator.to_openai(request, model.id, services.models.dialect)
    turn = Turn(thinking=request.think is not False)
    return await answered(operation, upstream, turn, written)


def _check(request: ollama.GenerateRequest) -> None:
    """Refuses what cannot be said to a backend that only takes conversations."""
    if request.raw and (request.template or request.system or request.context):
        raise BadRequest("raw mode does not support template, system, or context")
    if request.suffix:
        name = display(request.model)
        raise BadRequest(f"registry.ollama.ai/library/{name} does not support insert")
    if request.template:
        raise BadRequest("template is not supported: the backend has its own for each model")
    if request.raw:
        raise NotSupported("raw mode is not supported: the backend applies its own template")
