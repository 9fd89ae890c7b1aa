"""POST /api/push, POST /api/copy and DELETE /api/delete: refused, for the models are the backend's.

What is wrong with the request is told first, in Ollama's words and order (server/routes.go).
"""

from ollama_openai_proxy_models import ollama

from ...errors import BadRequest, NotSupported, ProxyError
from ...services.request import Request
from ...translator.models.names import is_valid, without_source
from ...web.responses import Response


async def push(request: Request, body: ollama.PushRequest) -> Response:
    """Refuses to upload a model."""
    name = body.model
    if not name:
        raise BadRequest("model is required")
    if not is_valid(without_source(name)):
        raise ProxyError(f"unqualified name: {name}")
    await request.resolve(name, f"model '{name}' not found")
    raise not_ours("push")


async def copy(request: Request, body: ollama.CopyRequest) -> Response:
    """Refuses to give a model a second name."""
    source, destination = body.source or "", body.destination or ""
    for word, name in (("source", source), ("destination", destination)):
        if not is_valid(name):
            raise BadRequest(f'{word} "{name}" is invalid')
    await request.resolve(source, f'model "{source}" not found')
    raise not_ours("copy")


async def delete(request: Request, body: ollama.DeleteRequest) -> Response:
    """Refuses to remove a model."""
    name = body.model
    if not name.strip():
        raise BadRequest("model is required")
    if not is_valid(without_source(name)):
        raise BadRequest(f'name "{name}" is invalid')
    await request.resolve(name, f"model '{name}' not found")
    raise not_ours("delete")


def not_ours(verb: str) -> NotSupported:
    """Why nothing is done to a model."""
    return NotSupported(f"cannot {verb} models: they are the backend's own")
