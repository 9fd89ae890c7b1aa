"""POST /api/embed and POST /api/embeddings."""

import array
import binascii
import math
import re
import sys

from ollama_openai_proxy_models import ollama, openai

from ..errors import BackendRefused, BackendViolation, BadRequest, ProxyError
from .integers import integer

_INVALID_REQUEST = (400, 422)
# Statuses with which backends report an input that is too long; llama.cpp uses 500.
_INPUT_TOO_LONG = (400, 413, 500)
_TOO_LONG = re.compile(
    r"too (?:large|long)|context (?:length|size|window)|maximum .*(?:length|tokens)", re.IGNORECASE
)


def upstream_request(
    texts: list[str], model: str, dimensions: int | None = None
) -> openai.CreateEmbeddingRequest:
    """The embeddings request for `texts`, for vectors of length `dimensions`."""
    request = openai.CreateEmbeddingRequest(model=model, input=texts)
    if dimensions is not None:
        request.dimensions = dimensions
    return request


def dimensions_of(request: ollama.EmbedRequest) -> int | None:
    """The requested length of the vectors; None for the model's own."""
    requested = request.dimensions
    return int(requested) if requested is not None and requested >= 1 else None


def texts_of(request: ollama.EmbedRequest) -> list[str]:
    """The texts to embed. The list is empty for a request that only loads the model."""
    if isinstance(request.input, str):
        return [request.input] if request.input else []
    return request.input or []


def batches(texts: list[str], most: int) -> list[list[str]]:
    """Split `texts` into batches of at most `most` texts."""
    return [texts[at : at + most] for at in range(0, len(texts), most)]


def refuses_dimensions(refused: BackendRefused) -> bool:
    """Whether the backend reports that it cannot shorten vectors (vLLM, for most models)."""
    return refused.status in _INVALID_REQUEST and "dimension" in refused.message.lower()


def as_refusal(refused: BackendRefused) -> ProxyError:
    """`refused`, converted to a BadRequest if a text is too long.

    Ollama returns 400 for this; llama.cpp returns 500.
    """
    too_long = refused.status in _INPUT_TOO_LONG and _TOO_LONG.search(refused.message)
    return BadRequest(refused.message) if too_long else refused


def ollama_response(
    model: str, embeddings: list[list[float]], tokens: int, sent_at: int, at: int
) -> ollama.EmbedResponse:
    """The response of /api/embed.

    `sent_at` and `at` are the times of the backend request and of the response, in ns since the
    client's request was received.
    """
    return ollama.EmbedResponse(
        model=model,
        embeddings=embeddings,
        total_duration=max(at, 1),
        load_duration=max(sent_at, 1),
        prompt_eval_count=max(tokens, 1),
    )


def tokens_of(response: openai.CreateEmbeddingResponse) -> int:
    """The number of input tokens; 0 if the backend does not report it."""
    usage = response.usage
    return integer((usage.prompt_tokens or usage.total_tokens or 0) if usage is not None else 0)


def vectors(response: openai.CreateEmbeddingResponse, count: int) -> list[list[float]]:
    """The vectors, sorted by `index`, since backends may send them in any order.

    Raises BackendViolation if there are not `count` vectors or one is not valid base64.
    """
    data = response.data
    if len(data) != count:
        raise BackendViolation(f"the backend sent {len(data)} embeddings for {count} inputs")
    if all(item.index is not None for item in data):
        data = sorted(data, key=lambda item: item.index or 0)
    return [_vector(item.embedding) for item in data]


def normalized(vector: list[float], dimensions: int | None = None) -> list[float]:
    """`vector` truncated to `dimensions` and scaled to length 1; a zero vector is left unchanged.

    Raises BackendViolation, with Ollama's message, for a vector with NaN or infinite values.
    """
    if dimensions is not None:
        vector = vector[:dimensions]
    length = math.sqrt(math.sumprod(vector, vector))
    if not math.isfinite(length):
        raise BackendViolation("embedding contains NaN or Inf values")
    if length == 0 or abs(length - 1) < 1e-7:
        return vector
    return [value / length for value in vector]


def _vector(embedding: list[float] | str) -> list[float]:
    """Decode an embedding: a list of numbers, or base64 of little-endian 32-bit floats."""
    if not isinstance(embedding, str):
        return embedding
    floats = array.array("f")
    try:
        floats.frombytes(binascii.a2b_base64(embedding, strict_mode=True))
    except ValueError as error:
        raise BackendViolation("the backend sent an embedding that is not valid base64") from error
    if sys.byteorder == "big":
        floats.byteswap()
    return floats.tolist()
