"""GET /healthz and GET /readyz."""

from msgspec import UNSET
from ollama_openai_proxy_models import ollama

from ..services.request import Request
from ..web.responses import Response, json


async def healthz(request: Request) -> Response:
    """Report that the process is alive, without a request to the backend."""
    return json(ollama.HealthResponse(status="ok"))


async def readyz(request: Request) -> Response:
    """Report whether requests can be served: 200, or 503 with the reasons."""
    readiness = request.services.readiness
    reasons = await readiness.reasons()
    warnings = readiness.warnings() or UNSET
    if reasons:
        failed = ollama.ReadinessResponse(status="not ready", reasons=reasons, warnings=warnings)
        return json(failed, 503)
    return json(ollama.ReadinessResponse(status="ready", warnings=warnings))
