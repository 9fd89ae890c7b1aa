"""POST /api/push, POST /api/copy and DELETE /api/delete.

All are rejected, since the backend manages its models. An invalid request gets Ollama's error, with
checks in Ollama's order (server/routes.go).
"""

from ollama_openai_proxy_models import ollama

from ...errors import BadRequest, NotSupported, ProxyError
from ...services.request import Request
from ...translator.models.names import is_valid, without_source
from ...web.responses import Response


async def push(request: Request, body: ollama.PushRequest) -> Response:
    """Reject the upload of a model."""
    name = body.model
    if not name:
        raise BadRequest("model is required")
    if not is_valid(without_source(name)):
        raise ProxyError(f"unqualified name: {name}")
    await request.resolve(name, f"model '{name}' not found")
    raise managed_by_backend("push")


async def copy(request: Request, body: ollama.CopyRequest) -> Response:
    """Reject the copy of a model."""
    source, destination = body.source or "", body.destination or ""
    for field, name in (("source", source), ("destination", destination)):
        if not is_valid(name):
            raise BadRequest(f'{field} "{name}" is invalid')
    await request.resolve(source, f'model "{source}" not found')
    raise managed_by_backend("copy")


async def delete(request: Request, body: ollama.DeleteRequest) -> Response:
    """Reject the deletion of a model."""
    name = body.model
    if not name.strip():
        raise BadRequest("model is required")
    if not is_valid(without_source(name)):
        raise BadRequest(f'name "{name}" is invalid')
    await request.resolve(name, f"model '{name}' not found")
    raise managed_by_backend("delete")


def managed_by_backend(verb: str) -> NotSupported:
    """The error for an operation that only the backend could perform on its models."""
    return NotSupported(f"cannot {verb} models: they are managed by the backend")
