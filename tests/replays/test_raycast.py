"""Raycast's Ollama extension.

Its bodies are JSON under the type of plain text, and what a last line says is lost.
"""

import json
from typing import Any

import httpx
import msgspec
import pytest

from tests.fakes.transport import FakeTransport, json_reply
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, Failure, document, raw_lines, says, streams

PLAIN = "text/plain;charset=UTF-8"


async def test_it_finds_its_models(kept_client: httpx.AsyncClient, post: Post) -> None:
    for path in ("/api/version", "/api/tags", "/api/ps"):
        document(await kept_client.get(path), dict[str, Any])
    told = document(await post("/api/show", f'{{"name":"{MODEL}"}}'), dict[str, Any])
    assert isinstance(told["parameters"], str)
    assert isinstance(told["capabilities"], list)


@pytest.mark.parametrize("path", ["chat", "generate"])
async def test_it_streams_without_asking_to(backend: FakeTransport, post: Post, path: str) -> None:
    streams(backend, *says("Hel", "lo"))
    said = '"messages":[{"role":"user","content":"hi"}]' if path == "chat" else '"prompt":"hi"'
    body = f'{{"model":"{MODEL}",{said},"options":{{"temperature":0.7}},"keep_alive":"5m"}}'
    *told, last = map(json.loads, raw_lines(await post(f"/api/{path}", body, PLAIN)))
    texts = [
        line["message"]["content"] if path == "chat" else line["response"] for line in [*told, last]
    ]
    assert texts == ["Hel", "lo", ""]
    assert last["done"] is True
    assert last["eval_count"] / last["eval_duration"] > 0


async def test_it_embeds_by_the_older_call(backend: FakeTransport, post: Post) -> None:
    data = {"data": [{"index": 0, "embedding": [1.0, 0.0]}], "usage": {"prompt_tokens": 4}}
    backend.reply("/embeddings", json_reply(data))
    body = f'{{"model":"{MODEL}","prompt":"one"}}'
    told = document(await post("/api/embeddings", body, PLAIN), dict[str, list[float]])
    assert told["embedding"] == [1.0, 0.0]


async def test_a_failure_has_its_reason(post: Post) -> None:
    response = await post("/api/chat", '{"model":"nosuch","messages":[]}', PLAIN)
    assert response.status_code == 404
    assert msgspec.json.decode(response.content, type=Failure).error
