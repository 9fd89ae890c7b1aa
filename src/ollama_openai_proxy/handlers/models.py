"""GET /api/tags, POST /api/show and GET /api/ps."""

from ollama_openai_proxy_models import ollama

from ..errors import BadRequest
from ..services.context import Operation
from ..translator.models import listing as translator
from ..translator.models.names import display, without_source
from ..web.responses import Response, json


async def list_(operation: Operation) -> Response:
    """The backend's models."""
    services = operation.services
    return json(translator.list_(await services.models.all(), services.model_list_defaults))


async def show(operation: Operation, request: ollama.ShowRequest) -> Response:
    """What is known of one model."""
    if not request.model.strip():
        raise BadRequest("model is required")
    services = operation.services
    missing = f"model '{display(without_source(request.model))}' not found"
    model = await services.models.described(request.model, missing)
    return json(translator.show(model, services.model_list_defaults))


async def ps(operation: Operation) -> Response:
    """The models that were used within their keep_alive."""
    services = operation.services
    return json(
        translator.ps(services.loaded_models.at(operation.began), services.model_list_defaults)
    )
