"""One function for each operationId of specs/ollama.yaml, where translator and backend meet.

A handler calls services, the translator and the backend. It does not depend on ASGI or on settings
files.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ollama_openai_proxy_models import ollama

from .account import delete_key, me, model_recommendations, signout, status, web_fetch, web_search
from .chat import chat
from .embed import embed, embeddings
from .generate import generate
from .health import healthz, readyz
from .metrics import metrics
from .model_management.blobs import blob, blob_head
from .model_management.copy_delete_push import copy, delete, push
from .model_management.create import create
from .model_management.pull import pull
from .models import list_, ps, show
from .registration import Handler, Raw, WithBody, WithoutBody
from .v1 import V1_HANDLERS
from .version import heartbeat, version

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "chat": WithBody(chat, ollama.ChatRequest),
        "generate": WithBody(generate, ollama.GenerateRequest),
        "embed": WithBody(embed, ollama.EmbedRequest),
        "embeddings": WithBody(embeddings, ollama.EmbeddingRequest),
        "show": WithBody(show, ollama.ShowRequest),
        "list": WithoutBody(list_),
        "list_head": WithoutBody(list_),
        "ps": WithoutBody(ps),
        "version": WithoutBody(version),
        "version_head": WithoutBody(version),
        "pull": WithBody(pull, ollama.PullRequest),
        "push": WithBody(push, ollama.PushRequest),
        "create": WithBody(create, ollama.CreateRequest),
        "copy": WithBody(copy, ollama.CopyRequest),
        "delete": WithBody(delete, ollama.DeleteRequest),
        "blob": Raw(blob),
        "blob_head": WithoutBody(blob_head),
        "status": WithoutBody(status),
        "me": WithoutBody(me),
        "signout": WithoutBody(signout),
        "delete_key": WithoutBody(delete_key),
        "model_recommendations": WithoutBody(model_recommendations),
        "web_search": WithBody(web_search, ollama.WebSearchRequest),
        "web_fetch": WithBody(web_fetch, ollama.WebFetchRequest),
        "heartbeat": WithoutBody(heartbeat),
        "heartbeat_head": WithoutBody(heartbeat),
        "healthz": WithoutBody(healthz),
        "healthz_head": WithoutBody(healthz),
        "readyz": WithoutBody(readyz),
        "readyz_head": WithoutBody(readyz),
        "metrics": WithoutBody(metrics),
        **V1_HANDLERS,
    }
)
"""Handlers by operationId. Connexion binds each operation of the specification to its handler."""

__all__ = ["HANDLERS", "Handler", "Raw", "WithBody", "WithoutBody"]
