"""OllamaSharp.

Its numbers are not nullable, and it does not decode fractions as integers.
"""

from typing import Any

import httpx
import msgspec
from msgspec import Struct

from tests.fakes.transport import FakeTransport, json_reply
from tests.replays.conftest import Post
from tests.replays.strict import (
    MODEL,
    Failure,
    Moment,
    Natural,
    Text,
    content,
    document,
    last_line,
    raw_lines,
    reply_with,
)


class Details(Struct):
    families: list[str] | None
    family: str
    format: str
    parameter_size: str
    quantization_level: str
    parent_model: str | None = None


class Listed(Struct):
    name: Text
    modified_at: Moment
    size: Natural
    digest: Text
    details: Details


class RequestMetrics(Struct):
    name: Text
    size: Natural
    digest: Text
    details: Details
    expires_at: Moment
    size_vram: Natural


class Models[Model](Struct):
    models: list[Model]


class Embedded(Struct):
    embeddings: list[list[float]]
    total_duration: Natural | None
    load_duration: Natural | None
    prompt_eval_count: Natural | None


def _chat(model: str = MODEL) -> str:
    return (
        f'{{"model":"{model}","messages":[{{"role":"user","content":"hi"}}],"stream":true,'
        '"options":{"num_ctx":4096,"temperature":0.5}}'
    )


async def test_models_and_running_models_are_listed(
    kept_client: httpx.AsyncClient, backend: FakeTransport, post: Post
) -> None:
    assert (await kept_client.get("/")).text.strip()
    [listed] = document(await kept_client.get("/api/tags"), Models[Listed]).models
    assert listed.name == MODEL
    reply_with(backend, *content("Hi"))
    last_line(await post("/api/chat", _chat()))
    [running] = document(await kept_client.get("/api/ps"), Models[RequestMetrics]).models
    assert running.name == listed.name


async def test_the_numbers_of_a_model_are_integers(post: Post) -> None:
    shown = document(await post("/api/show", f'{{"model":"{MODEL}"}}'), dict[str, Any])
    info = shown["model_info"]
    for key in ("general.file_type", "general.quantization_version", "general.parameter_count"):
        assert isinstance(info.get(key, 0), int)
    assert isinstance(shown["license"], str)


async def test_the_last_line_has_all_counters(backend: FakeTransport, post: Post) -> None:
    reply_with(backend, *content("Hel", "lo"))
    response = await post("/api/chat", _chat())
    last = last_line(response)
    assert last.total_duration >= last.eval_duration
    assert len(raw_lines(response)) == 3


async def test_embeddings_are_returned(backend: FakeTransport, post: Post) -> None:
    data = {"data": [{"index": 0, "embedding": [1, 0]}], "usage": {"prompt_tokens": 4}}
    backend.reply("/embeddings", json_reply(data))
    body = f'{{"model":"{MODEL}","input":["one"]}}'
    assert document(await post("/api/embed", body), Embedded).embeddings == [[1.0, 0.0]]


async def test_an_error_of_the_backend_keeps_its_message(
    backend: FakeTransport, post: Post
) -> None:
    error = {"error": {"message": "this model does not support tools"}}
    backend.reply("/chat/completions", json_reply(error, 400))
    response = await post("/api/chat", _chat())
    assert response.status_code == 400
    assert "does not support tools" in msgspec.json.decode(response.content, type=Failure).error
