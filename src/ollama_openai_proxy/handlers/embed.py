"""POST /api/embed and POST /api/embeddings."""

from ollama_openai_proxy_models import ollama, openai

from ..errors import BackendRefused, BadRequest, ModelNotFound
from ..services.context import Operation
from ..telemetry import current
from ..translator import embed as translator
from ..translator.keep_alive import parse_keep_alive
from ..web.responses import Response, json


async def embed(operation: Operation, request: ollama.EmbedRequest) -> Response:
    """The vectors of some texts, each of length 1; no text only loads the model."""
    if not request.model.strip():
        raise ModelNotFound(f"model '{request.model}' not found")
    texts = translator.texts_of(request)
    keep_alive = parse_keep_alive(request.keep_alive)
    services = operation.services
    model = await services.models.resolve(request.model, _missing(request.model))
    services.loaded_models.keep(model, keep_alive, operation.began)
    if not texts:
        return json(ollama.EmbedResponse(model=request.model, embeddings=[]))
    asked = operation.now()
    wish = translator.dimensions_of(request)
    vectors, tokens = await _embedded(operation, texts, model.id, wish)
    normal = [translator.normalized(vector, wish) for vector in vectors]
    return json(translator.to_ollama(request.model, normal, tokens, asked, operation.now()))


async def embeddings(operation: Operation, request: ollama.EmbeddingRequest) -> Response:
    """The vector of one text, as the backend gives it; the older of the two operations."""
    if not request.model.strip():
        raise BadRequest("model is required")
    keep_alive = parse_keep_alive(request.keep_alive)
    services = operation.services
    model = await services.models.resolve(request.model, _missing(request.model))
    services.loaded_models.keep(model, keep_alive, operation.began)
    if not request.prompt:
        return json(ollama.EmbeddingResponse(embedding=[]))
    vectors, _ = await _embedded(operation, [request.prompt], model.id)
    return json(ollama.EmbeddingResponse(embedding=vectors[0]))


async def _embedded(
    operation: Operation, texts: list[str], model: str, dimensions: int | None = None
) -> tuple[list[list[float]], int]:
    """The vectors of `texts` in their order, and how many tokens they had in all.

    One request, or as many as it takes where the backend has a limit. One that cannot shorten
    vectors is asked for whole ones.
    """
    vectors: list[list[float]] = []
    tokens = 0
    for batch in translator.batches(texts, operation.services.models.dialect.most_inputs):
        try:
            response = await _asked(operation, batch, model, dimensions)
        except BackendRefused as refused:
            if dimensions is None or not translator.refuses_dimensions(refused):
                raise translator.as_refusal(refused) from refused
            dimensions = None
            response = await _asked(operation, batch, model, None)
        vectors += translator.vectors(response, len(batch))
        tokens += translator.tokens_of(response)
        current().tokens_in = tokens
    return vectors, tokens


async def _asked(
    operation: Operation, texts: list[str], model: str, dimensions: int | None
) -> openai.CreateEmbeddingResponse:
    upstream = translator.to_openai(texts, model, dimensions)
    return await operation.services.embeddings.create_embedding(upstream)


def _missing(name: str) -> str:
    return f'model "{name}" not found, try pulling it first'
