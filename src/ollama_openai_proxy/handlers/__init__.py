"""One function for each operationId of specs/ollama.yaml; where core and backend meet."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from ollama_openai_proxy_models import ollama

from ..services.context import Operation
from ..web.error_format import OLLAMA, ErrorFormat
from ..web.responses import Response
from .account import delete_key, me, model_recommendations, signout, status, web_fetch, web_search
from .blobs import blob, blob_head
from .chat import chat
from .create import create
from .embed import embed, embeddings
from .generate import generate
from .health import healthz, readyz
from .metrics import metrics
from .model_management import copy, delete, push
from .models import list_, ps, show
from .pull import pull
from .v1 import FORWARDED
from .version import heartbeat, version


class Handler(NamedTuple):
    """The function of an operation, and the class of its body, where it has one.

    A function with a body is called with the Operation and the body, a `raw` one with the Operation
    and the Request as it came, else with the first alone. Its failures are told in `envelope`.
    """

    function: Callable[..., Awaitable[Response]]
    body: type[msgspec.Struct] | None = None
    raw: bool = False
    envelope: ErrorFormat = OLLAMA


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "chat": Handler(chat, ollama.ChatRequest),
        "generate": Handler(generate, ollama.GenerateRequest),
        "embed": Handler(embed, ollama.EmbedRequest),
        "embeddings": Handler(embeddings, ollama.EmbeddingRequest),
        "show": Handler(show, ollama.ShowRequest),
        "list": Handler(list_),
        "list_head": Handler(list_),
        "ps": Handler(ps),
        "version": Handler(version),
        "version_head": Handler(version),
        "pull": Handler(pull, ollama.PullRequest),
        "push": Handler(push, ollama.PushRequest),
        "create": Handler(create, ollama.CreateRequest),
        "copy": Handler(copy, ollama.CopyRequest),
        "delete": Handler(delete, ollama.DeleteRequest),
        "blob": Handler(blob, raw=True),
        "blob_head": Handler(blob_head, raw=True),
        "status": Handler(status),
        "me": Handler(me),
        "signout": Handler(signout),
        "delete_key": Handler(delete_key),
        "model_recommendations": Handler(model_recommendations),
        "web_search": Handler(web_search, ollama.WebSearchRequest),
        "web_fetch": Handler(web_fetch, ollama.WebFetchRequest),
        "heartbeat": Handler(heartbeat),
        "heartbeat_head": Handler(heartbeat),
        "healthz": Handler(healthz),
        "healthz_head": Handler(healthz),
        "readyz": Handler(readyz),
        "readyz_head": Handler(readyz),
        "metrics": Handler(metrics, raw=True),
        **{
            name: Handler(function, raw=True, envelope=envelope)
            for name, (function, envelope) in FORWARDED.items()
        },
    }
)

__all__ = ["HANDLERS", "Handler", "Operation", "Response"]
