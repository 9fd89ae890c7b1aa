"""The requests whose work is counted, with the backend's responses."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from tests.fakes.transport import MODELS, chunk, completion, events, usage

from .stand_in import Response

_MODEL = "gpt-4o"
_TEXTS = 16
_DIMENSIONS = 8
_QUESTION = {"role": "user", "content": "Why is the sky blue?"}


class Workload(NamedTuple):
    """A request and the backend's responses by path.

    The service's response has `parts` parts or more.
    """

    path: str
    body: bytes
    responses: Mapping[str, Response]
    parts: int = 1


def whole_chat(path: str, messages: Sequence[Any] = (_QUESTION,)) -> Workload:
    """A chat without streaming."""
    body = {"model": _MODEL, "messages": messages, "stream": False}
    return _workload(path, body, "/chat/completions", _json(completion("Rayleigh scattering.")))


def streamed_chat(path: str, chunks: int) -> Workload:
    """A streamed chat in which each chunk of content arrives in a separate read."""
    body = {"model": _MODEL, "messages": [_QUESTION], "stream": True}
    return _workload(path, body, "/chat/completions", stream(chunks), parts=chunks)


def stream(chunks: int) -> Response:
    """The backend's stream. Its end is part of the last read, because the service waits for it for
    a limited time only and no count may depend on that time."""
    pieces = [events(chunk(" word"), done=False) for _ in range(chunks)]
    pieces.append(events(chunk(finish="stop"), usage(7, chunks)))
    return Response("text/event-stream", pieces)


def embed() -> Workload:
    """A request for embeddings of short strings, with short vectors."""
    body = {"model": _MODEL, "input": [f"text {at}" for at in range(_TEXTS)]}
    vectors = [
        {"object": "embedding", "index": at, "embedding": [0.25] * _DIMENSIONS}
        for at in range(_TEXTS)
    ]
    counts = {"prompt_tokens": 32, "total_tokens": 32}
    response = {"object": "list", "model": _MODEL, "data": vectors, "usage": counts}
    return _workload("/api/embed", body, "/embeddings", _json(response))


def conversation(exchanges: int) -> list[Any]:
    """Messages whose keys are spelled as in the specification."""
    return [{"role": "user", "content": f"message {at}"} for at in range(exchanges)]


def capitalized(exchanges: int) -> list[Any]:
    """Messages with capitalized keys, which the service must map to the specified ones."""
    return [{"Role": "user", "CONTENT": f"message {at}"} for at in range(exchanges)]


def empty(exchanges: int) -> list[Any]:
    """`{},` repeated: the maximum number of objects per byte of the body."""
    return [{} for _ in range(exchanges)]


def tool_exchanges(exchanges: int) -> list[Any]:
    """Pairs of a tool call and its result."""
    function = {"name": "weather", "arguments": {"city": "Bern"}}
    call = {"role": "assistant", "content": "", "tool_calls": [{"function": function}]}
    result = {"role": "tool", "tool_name": "weather", "content": "sunny"}
    return [_QUESTION, *([call, result] * exchanges)]


def _workload(
    path: str, body: Any, backend_path: str, response: Response, parts: int = 1
) -> Workload:
    return Workload(
        path, msgspec.json.encode(body), {backend_path: response, "/models": _json(MODELS)}, parts
    )


def _json(document: Any) -> Response:
    return Response("application/json", [msgspec.json.encode(document)])
