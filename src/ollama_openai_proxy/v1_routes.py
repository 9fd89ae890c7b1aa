"""The operations of `/v1` that are forwarded to the backend: the one table of their paths."""

from typing import Literal, NamedTuple


class V1Route(NamedTuple):
    """One operation of specs/ollama.yaml; its `path` is below `/v1` and below the backend's URL.

    `api` is the API whose error format clients of this route expect. `dropped` names body fields
    that some clients send by mistake. `embeds` routes go to the backend for embeddings.
    """

    operation_id: str
    method: Literal["GET", "POST"]
    path: str
    api: Literal["openai", "anthropic"] = "openai"
    dropped: tuple[str, ...] = ()
    embeds: bool = False


V1_ROUTES = (
    # goose sends Ollama's `options` with a chat; strict backends refuse it.
    V1Route("createChatCompletion", "POST", "/chat/completions", dropped=("options",)),
    V1Route("createCompletion", "POST", "/completions"),
    V1Route("createEmbedding", "POST", "/embeddings", embeds=True),
    V1Route("createResponse", "POST", "/responses"),
    V1Route("createMessage", "POST", "/messages", api="anthropic"),
    V1Route("createTranscription", "POST", "/audio/transcriptions"),
    V1Route("listModels", "GET", "/models"),
    V1Route("retrieveModel", "GET", "/models/{model}"),
)
