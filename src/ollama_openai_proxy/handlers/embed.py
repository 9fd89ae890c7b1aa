"""POST /api/embed and POST /api/embeddings."""

from ollama_openai_proxy_models import ollama, openai

from ..errors import BackendRefused, BadRequest, ModelNotFound
from ..services.request import Request
from ..translator import embed as translator
from ..translator.keep_alive import parse_keep_alive
from ..web.responses import Response, json


async def embed(request: Request, body: ollama.EmbedRequest) -> Response:
    """The embeddings of the inputs, normalized to length 1. Without input, only load the model."""
    if not body.model.strip():
        raise ModelNotFound(f"model '{body.model}' not found")
    inputs = translator.texts_of(body)
    keep_alive = parse_keep_alive(body.keep_alive)
    services = request.services
    model = await request.resolve(body.model, _missing(body.model))
    services.loaded_models.keep(model, keep_alive, request.received_at)
    if not inputs:
        return json(ollama.EmbedResponse(model=body.model, embeddings=[]))
    sent_at = request.now()
    dimensions = translator.dimensions_of(body)
    vectors, tokens = await _embeddings(request, inputs, model.id, dimensions)
    normal = [translator.normalized(vector, dimensions) for vector in vectors]
    return json(translator.ollama_response(body.model, normal, tokens, sent_at, request.now()))


async def embeddings(request: Request, body: ollama.EmbeddingRequest) -> Response:
    """The embedding of one input, not normalized. This is the older operation."""
    if not body.model.strip():
        raise BadRequest("model is required")
    keep_alive = parse_keep_alive(body.keep_alive)
    services = request.services
    model = await request.resolve(body.model, _missing(body.model))
    services.loaded_models.keep(model, keep_alive, request.received_at)
    if not body.prompt:
        return json(ollama.EmbeddingResponse(embedding=[]))
    vectors, _ = await _embeddings(request, [body.prompt], model.id)
    return json(ollama.EmbeddingResponse(embedding=vectors[0]))


async def _embeddings(
    request: Request, inputs: list[str], model: str, dimensions: int | None = None
) -> tuple[list[list[float]], int]:
    """The embeddings of `inputs`, in order, and their total number of tokens.

    Sends several requests if the backend limits the number of inputs. If the backend rejects
    `dimensions`, requests embeddings of full length.
    """
    vectors: list[list[float]] = []
    tokens = 0
    for batch in translator.batches(inputs, request.services.models.dialect.most_inputs):
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
    request: Request, inputs: list[str], model: str, dimensions: int | None
) -> openai.CreateEmbeddingResponse:
    upstream = translator.upstream_request(inputs, model, dimensions)
    return await request.services.embeddings.create_embedding(upstream, request.id)


def _missing(name: str) -> str:
    return f'model "{name}" not found, try pulling it first'
