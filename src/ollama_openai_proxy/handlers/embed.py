"""POST /api/embed and POST /api/embeddings."""

from ollama_openai_proxy_models import ollama, openai

from ..errors import BackendRefused, BadRequest, ModelNotFound
from ..services.request import Request
from ..translator import embed as translator
from ..translator.keep_alive import parse_keep_alive
from ..web.responses import Response, json


async def embed(request: Request, body: ollama.EmbedRequest) -> Response:
    """The vectors of some texts, each of length 1; no text only loads the model."""
    if not body.model.strip():
        raise ModelNotFound(f"model '{body.model}' not found")
    texts = translator.texts_of(body)
    keep_alive = parse_keep_alive(body.keep_alive)
    services = request.services
    model = await request.resolve(body.model, _missing(body.model))
    services.loaded_models.keep(model, keep_alive, request.received_at)
    if not texts:
        return json(ollama.EmbedResponse(model=body.model, embeddings=[]))
    sent_at = request.now()
    wish = translator.dimensions_of(body)
    vectors, tokens = await _embedded(request, texts, model.id, wish)
    normal = [translator.normalized(vector, wish) for vector in vectors]
    return json(translator.ollama_response(body.model, normal, tokens, sent_at, request.now()))


async def embeddings(request: Request, body: ollama.EmbeddingRequest) -> Response:
    """The vector of one text, as the backend gives it; the older of the two operations."""
    if not body.model.strip():
        raise BadRequest("model is required")
    keep_alive = parse_keep_alive(body.keep_alive)
    services = request.services
    model = await request.resolve(body.model, _missing(body.model))
    services.loaded_models.keep(model, keep_alive, request.received_at)
    if not body.prompt:
        return json(ollama.EmbeddingResponse(embedding=[]))
    vectors, _ = await _embedded(request, [body.prompt], model.id)
    return json(ollama.EmbeddingResponse(embedding=vectors[0]))


async def _embedded(
    request: Request, texts: list[str], model: str, dimensions: int | None = None
) -> tuple[list[list[float]], int]:
    """The vectors of `texts` in their order, and how many tokens they had in all.

    One request, or as many as it takes where the backend has a limit. One that cannot shorten
    vectors is asked for whole ones.
    """
    vectors: list[list[float]] = []
    tokens = 0
    for batch in translator.batches(texts, request.services.models.dialect.most_inputs):
        try:
            response = await _request_embeddings(request, batch, model, dimensions)
        except BackendRefused as refused:
            if dimensions is None or not translator.refuses_dimensions(refused):
                raise translator.as_refusal(refused) from refused
            dimensions = None
            response = await _request_embeddings(request, batch, model, None)
        vectors += translator.vectors(response, len(batch))
        tokens += translator.tokens_of(response)
        request.metrics.tokens_in = tokens
    return vectors, tokens


async def _request_embeddings(
    request: Request, texts: list[str], model: str, dimensions: int | None
) -> openai.CreateEmbeddingResponse:
    upstream = translator.upstream_request(texts, model, dimensions)
    return await request.services.embeddings.create_embedding(upstream, request.id)


def _missing(name: str) -> str:
    return f'model "{name}" not found, try pulling it first'
