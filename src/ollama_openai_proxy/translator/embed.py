"""POST /api/embed and POST /api/embeddings."""

import array
import binascii
import math
import re
import sys

from ollama_openai_proxy_models import ollama, openai

from ..errors import BackendRefused, BackendViolation, BadRequest, ProxyError
from .integers import integer

_BAD = (400, 422)
_SIZES = (400, 413, 500)
_TOO_LONG = re.compile(
    r"too (?:large|long)|context (?:length|size|window)|maximum .*(?:length|tokens)", re.IGNORECASE
)


def upstream_request(
    texts: list[str], model: str, dimensions: int | None = None
) -> openai.CreateEmbeddingRequest:
    """The request for the vectors of `texts`."""
    request = openai.CreateEmbeddingRequest(model=model, input=texts)
    if dimensions is not None:
        request.dimensions = dimensions
    return request


def dimensions_of(request: ollama.EmbedRequest) -> int | None:
    """How many numbers a vector shall have; None for as many as the model gives."""
    wish = request.dimensions
    return int(wish) if wish is not None and wish >= 1 else None


def texts_of(request: ollama.EmbedRequest) -> list[str]:
    """The texts to embed; none for a request that only loads the model."""
    if isinstance(request.input, str):
        return [request.input] if request.input else []
    return request.input or []


def batches(texts: list[str], most: int) -> list[list[str]]:
    """`texts` in as few parts as a backend takes that embeds at `most` so many at once."""
    return [texts[at : at + most] for at in range(0, len(texts), most)]


def refuses_dimensions(refused: BackendRefused) -> bool:
    """Whether a backend says that it cannot shorten vectors (vLLM, for most models)."""
    return refused.status in _BAD and "dimension" in refused.message.lower()


def as_refusal(refused: BackendRefused) -> ProxyError:
    """`refused`, as a 400 where a text is too long: Ollama answers so, llama.cpp with a 500."""
    too_long = refused.status in _SIZES and _TOO_LONG.search(refused.message)
    return BadRequest(refused.message) if too_long else refused


def ollama_response(
    model: str, embeddings: list[list[float]], tokens: int, asked: int, at: int
) -> ollama.EmbedResponse:
    """The answer of /api/embed; `asked` and `at` are in ns since the request came in."""
    return ollama.EmbedResponse(
        model=model,
        embeddings=embeddings,
        total_duration=max(at, 1),
        load_duration=max(asked, 1),
        prompt_eval_count=max(tokens, 1),
    )


def tokens_of(response: openai.CreateEmbeddingResponse) -> int:
    """How many tokens the texts had, as far as the backend tells."""
    usage = response.usage
    return integer((usage.prompt_tokens or usage.total_tokens or 0) if usage is not None else 0)


def vectors(response: openai.CreateEmbeddingResponse, count: int) -> list[list[float]]:
    """The `count` vectors by their `index`, which need not be the order they came in."""
    data = response.data
    if len(data) != count:
        raise BackendViolation(f"the backend sent {len(data)} embeddings for {count} texts")
    if all(item.index is not None for item in data):
        data = sorted(data, key=lambda item: item.index or 0)
    return [_vector(item.embedding) for item in data]


def normalized(vector: list[float], dimensions: int | None = None) -> list[float]:
    """`vector`, cut to `dimensions` where it has more, at length 1; a zero vector stays."""
    if dimensions is not None:
        vector = vector[:dimensions]
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
