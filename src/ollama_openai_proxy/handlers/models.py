"""GET /api/tags, POST /api/show and GET /api/ps."""

from ollama_openai_proxy_models import ollama

from ..errors import BadRequest
from ..services.request import Request
from ..translator.models import listing as translator
from ..translator.models.names import display, without_source
from ..web.responses import Response, json


async def list_(request: Request) -> Response:
    """List the backend's models."""
    services = request.services
    return json(translator.list_(await services.models.all(), services.model_list_defaults))


async def show(request: Request, body: ollama.ShowRequest) -> Response:
    """Show the details of one model."""
    if not body.model.strip():
        raise BadRequest("model is required")
    services = request.services
    missing = f"model '{display(without_source(body.model))}' not found"
    model = await request.describe(body.model, missing)
    return json(translator.show(model, services.model_list_defaults))


async def ps(request: Request) -> Response:
    """List the models whose keep_alive has not expired since their last use."""
    services = request.services
    return json(
        translator.ps(services.loaded_models.at(request.received_at), services.model_list_defaults)
    )
