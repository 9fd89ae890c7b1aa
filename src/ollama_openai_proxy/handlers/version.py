"""GET / and GET /api/version."""

from ollama_openai_proxy_models import ollama

from ..services.request import Request
from ..web.responses import Response, WholeResponse, json


async def heartbeat(request: Request) -> Response:
    """The text by which clients recognize an Ollama server."""
    return WholeResponse(b"Ollama is running", media_type=b"text/plain; charset=utf-8")


async def version(request: Request) -> Response:
    """The Ollama version that the service reports."""
    return json(ollama.VersionResponse(version=request.services.settings.version))
