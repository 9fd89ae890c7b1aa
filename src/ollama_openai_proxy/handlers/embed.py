"""POST /api/embed and POST /api/embeddings."""

from ollama_openai_proxy_models import ollama

from ..errors import BadRequest, ModelNotFound
from ..translator import embed as translator
from ..translator.keep_alive import parse_keep_alive
from ._answer import Answer, json
from ._context import Operation


async def embed(operation: Operation, request: ollama.EmbedRequest) -> Answer:
    """The vectors of some texts, each of length 1; no text only loads the model."""
    if not request.model.strip():
        raise ModelNotFound(f"model '{request.model}' not found")
    texts = translator.texts_of(request)
    keep_alive = parse_keep_alive(request.keep_alive)
    services = operation.services
    model = await services.models.resolve(request.model, _missing(request.model))
    services.residents.keep(model, keep_alive, operation.began)
    if not texts:
        return json(ollama.EmbedResponse(model=request.model, embeddings=[]))
    upstream = translator.to_openai(texts, model.id, request.dimensions)
    asked = operation.now()
    response = await services.embeddings.create_embedding(upstream)
    return json(translator.to_ollama(response, request.model, len(texts), asked, operation.now()))


async def embeddings(operation: Operation, request: ollama.EmbeddingRequest) -> Answer:
    """The vector of one text, as the backend gives it; the older of the two operations."""
    if not request.model.strip():
        raise BadRequest("model is required")
    keep_alive = parse_keep_alive(request.keep_alive)
    services = operation.services
    model = await services.models.resolve(request.model, _missing(request.model))
    services.residents.keep(model, keep_alive, operation.began)
    if not request.prompt:
        return json(ollama.EmbeddingResponse(embedding=[]))
    upstream = translator.to_openai([request.prompt], model.id)
    response = await services.embeddings.create_embedding(upstream)
    return json(ollama.EmbeddingResponse(embedding=translator.vectors(response, 1)[0]))


def _missing(name: str) -> str:
    return f'model "{name}" not found, try pulling it first'
