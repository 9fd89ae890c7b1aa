"""The `/v1` operations that are forwarded to the backend."""

from typing import Literal, NamedTuple


class V1Route(NamedTuple):
    """One forwarded operation of specs/ollama.yaml.

    `path` is relative to both `/v1` and the backend's base URL. `api` selects the error format
    that clients of the route expect. `dropped` lists body fields that some clients send by mistake;
    they are not forwarded. Requests to `embeds` routes go to the embeddings backend.
    """

    operation_id: str
    method: Literal["GET", "POST"]
    path: str
    api: Literal["openai", "anthropic"] = "openai"
    dropped: tuple[str, ...] = ()
    embeds: bool = False


V1_ROUTES = (
    # goose adds Ollama's `options` to chat requests; strict backends reject unknown fields.
    V1Route("createChatCompletion", "POST", "/chat/completions", dropped=("options",)),
    V1Route("createCompletion", "POST", "/completions"),
    V1Route("createEmbedding", "POST", "/embeddings", embeds=True),
    V1Route("createResponse", "POST", "/responses"),
    V1Route("createMessage", "POST", "/messages", api="anthropic"),
    V1Route("createTranscription", "POST", "/audio/transcriptions"),
    V1Route("listModels", "GET", "/models"),
    V1Route("retrieveModel", "GET", "/models/{model}"),
)
