"""POST /api/pull."""

from ollama_openai_proxy_models import ollama

from ...errors import BadRequest, ModelNotFound, ProxyError
from ...services.request import Request
from ...translator.models import listing as translator
from ...web.responses import Response, json, ndjson_document

_MISSING = "pull model manifest: file does not exist"


async def pull(request: Request, body: ollama.PullRequest) -> Response:
    """Report that a model of the backend is already present; some clients pull before they chat."""
    if not body.model.strip():
        raise BadRequest("invalid model name")
    services = request.services
    try:
        model = await request.describe(body.model, _MISSING)
    except ModelNotFound as missing:
        if body.stream is False:
            raise ProxyError(missing.message) from None
        manifest = ollama.ProgressResponse(status="pulling manifest")
        return ndjson_document([manifest, ollama.ErrorResponse(error=missing.message)])
    steps = translator.pull(model, services.model_list_defaults)
    return json(steps[-1]) if body.stream is False else ndjson_document(steps)
