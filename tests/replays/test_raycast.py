"""Raycast's Ollama extension.

It sends JSON bodies as text/plain, and ignores the content of the last line.
"""

import json
from typing import Any

import httpx
import msgspec
import pytest

from tests.fakes.transport import FakeTransport, json_reply
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, Failure, content, document, raw_lines, reply_with

PLAIN = "text/plain;charset=UTF-8"


async def test_models_are_listed_and_shown(kept_client: httpx.AsyncClient, post: Post) -> None:
    for path in ("/api/version", "/api/tags", "/api/ps"):
        document(await kept_client.get(path), dict[str, Any])
    shown = document(await post("/api/show", f'{{"name":"{MODEL}"}}'), dict[str, Any])
    assert isinstance(shown["parameters"], str)
    assert isinstance(shown["capabilities"], list)


@pytest.mark.parametrize("path", ["chat", "generate"])
async def test_responses_are_streamed_by_default(
    backend: FakeTransport, post: Post, path: str
) -> None:
    reply_with(backend, *content("Hel", "lo"))
    question = '"messages":[{"role":"user","content":"hi"}]' if path == "chat" else '"prompt":"hi"'
    body = f'{{"model":"{MODEL}",{question},"options":{{"temperature":0.7}},"keep_alive":"5m"}}'
    *lines, last = map(json.loads, raw_lines(await post(f"/api/{path}", body, PLAIN)))
    texts = [
        line["message"]["content"] if path == "chat" else line["response"]
        for line in [*lines, last]
    ]
    assert texts == ["Hel", "lo", ""]
    assert last["done"] is True
    assert last["eval_count"] / last["eval_duration"] > 0


async def test_the_older_embeddings_endpoint_returns_a_vector(
    backend: FakeTransport, post: Post
) -> None:
    data = {"data": [{"index": 0, "embedding": [1.0, 0.0]}], "usage": {"prompt_tokens": 4}}
    backend.reply("/embeddings", json_reply(data))
    body = f'{{"model":"{MODEL}","prompt":"one"}}'
    reply = document(await post("/api/embeddings", body, PLAIN), dict[str, list[float]])
    assert reply["embedding"] == [1.0, 0.0]


async def test_an_error_has_a_message(post: Post) -> None:
    response = await post("/api/chat", '{"model":"nosuch","messages":[]}', PLAIN)
    assert response.status_code == 404
    assert msgspec.json.decode(response.content, type=Failure).error
