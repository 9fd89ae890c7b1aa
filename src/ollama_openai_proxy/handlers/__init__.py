"""One function for each operationId of specs/ollama.yaml; where core and backend meet."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from ollama_openai_proxy_models import ollama

from ._answer import Answer
from ._context import Operation
from .chat import chat
from .embed import embed, embeddings
from .generate import generate
from .models import list_, ps, show
from .version import heartbeat, version


class Handler(NamedTuple):
    """The function of an operation, and the class of its body, where it has one.

    A function with a body is called with the Operation and the body, else with the first alone.
    """

    function: Callable[..., Awaitable[Answer]]
    body: type[msgspec.Struct] | None = None


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
        "heartbeat": Handler(heartbeat),
        "heartbeat_head": Handler(heartbeat),
    }
)

__all__ = ["HANDLERS", "Answer", "Handler", "Operation"]
