"""POST /api/pull."""

from ollama_openai_proxy_models import ollama

from ..errors import BadRequest, ModelNotFound, ProxyError
from ..services.context import Operation
from ..translator.models import listing as translator
from ..web.responses import Answer, json, whole_lines

_MISSING = "pull model manifest: file does not exist"


async def pull(operation: Operation, request: ollama.PullRequest) -> Answer:
    """What a pull of a model says that is there already; some clients pull before they chat."""
    if not request.model.strip():
        raise BadRequest("invalid model name")
    services = operation.services
    try:
        model = await services.models.described(request.model, _MISSING)
    except ModelNotFound as missing:
        if request.stream is False:
            raise ProxyError(missing.message) from None
        manifest = ollama.ProgressResponse(status="pulling manifest")
        return whole_lines([manifest, ollama.ErrorResponse(error=missing.message)])
    steps = translator.pull(model, services.shelf)
    return json(steps[-1]) if request.stream is False else whole_lines(steps)
