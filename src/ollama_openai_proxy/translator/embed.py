"""POST /api/embed and POST /api/embeddings."""

import array
import binascii
import math
import sys

from ollama_openai_proxy_models import ollama, openai

from ..errors import BackendViolation
from .integers import integer


def to_openai(
    texts: list[str], model: str, dimensions: float | None = None
) -> openai.CreateEmbeddingRequest:
    """The request for the vectors of `texts`; `dimensions` below 1 mean the model's own."""
    request = openai.CreateEmbeddingRequest(model=model, input=texts)
    if dimensions is not None and dimensions >= 1:
        request.dimensions = int(dimensions)
    return request


def texts_of(request: ollama.EmbedRequest) -> list[str]:
    """The texts to embed; none for a request that only loads the model."""
    if isinstance(request.input, str):
        return [request.input] if request.input else []
    return request.input or []


def to_ollama(
    response: openai.CreateEmbeddingResponse, model: str, count: int, asked: int, at: int
) -> ollama.EmbedResponse:
    """The answer of /api/embed: vectors of length 1, in the order of the `count` texts.

    `asked` and `at` are in ns since the request came in. Raises BackendViolation where vectors
    are missing.
    """
    usage = response.usage
    tokens = (usage.prompt_tokens or usage.total_tokens or 0) if usage is not None else 0
    return ollama.EmbedResponse(
        model=model,
        embeddings=[normalized(vector) for vector in vectors(response, count)],
        total_duration=max(at, 1),
        load_duration=max(asked, 1),
        prompt_eval_count=max(integer(tokens), 1),
    )


def vectors(response: openai.CreateEmbeddingResponse, count: int) -> list[list[float]]:
    """The `count` vectors by their `index`, which need not be the order they came in."""
    data = response.data
    if len(data) != count:
        raise BackendViolation(f"the backend sent {len(data)} embeddings for {count} texts")
    if all(item.index is not None for item in data):
        data = sorted(data, key=lambda item: item.index or 0)
    return [_vector(item.embedding) for item in data]


def normalized(vector: list[float]) -> list[float]:
    """`vector` at length 1, as Ollama gives it; a zero vector stays."""
    length = math.sqrt(math.sumprod(vector, vector))
    if not math.isfinite(length):
        raise BackendViolation("embedding contains NaN or Inf values")
    if length == 0 or abs(length - 1) < 1e-7:
        return vector
    return [value / length for value in vector]


def _vector(embedding: list[float] | str) -> list[float]:
    """Numbers, or base64 of little-endian 32-bit floats."""
    if not isinstance(embedding, str):
        return embedding
    floats = array.array("f")
    try:
        floats.frombytes(binascii.a2b_base64(embedding, strict_mode=True))
    except ValueError as error:
        raise BackendViolation("the backend sent an embedding that is no base64") from error
    if sys.byteorder == "big":
        floats.byteswap()
    return floats.tolist()
