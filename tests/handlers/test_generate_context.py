"""`context` of POST /api/generate: the conversation as a list of integers."""

from typing import Any

import httpx
import pytest

from tests.fakes.client import lines_of
from tests.fakes.transport import (
    FakeTransport,
    chunk,
    completion,
    events,
    json_reply,
    stream_reply,
)

REQUEST = {"model": "gpt-4o", "prompt": "hi"}
NOT_STREAMED = {**REQUEST, "stream": False}


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


def contents(backend: FakeTransport) -> list[Any]:
    return [message["content"] for message in backend.asked("/chat/completions")[-1]["messages"]]


async def test_a_conversation_continues_from_the_last_context(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello", reasoning="Hm.")))
    first = (await client.post("/api/generate", json={**NOT_STREAMED, "system": "Be kind."})).json()
    reply = stream_reply(events(chunk("Fi"), chunk("ne", finish="stop")))
    backend.reply("/chat/completions", reply)
    body = {**REQUEST, "prompt": "how are you?", "context": first["context"]}
    *lines, second = lines_of(await client.post("/api/generate", json=body))
    assert contents(backend) == ["Be kind.", "hi", "Hello", "how are you?"]
    assert not any("context" in line for line in lines)
    await client.post("/api/generate", json={**REQUEST, "context": second["context"]})
    assert contents(backend) == ["Be kind.", "hi", "Hello", "how are you?", "Fine", "hi"]


@pytest.mark.parametrize("context", [[1, 2, 3], [-5], [], [2**40]], ids=str)
async def test_foreign_context_is_ignored(
    client: httpx.AsyncClient, backend: FakeTransport, context: list[int]
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello")))
    response = await client.post("/api/generate", json={**NOT_STREAMED, "context": context})
    assert response.status_code == 200
    assert contents(backend) == ["hi"]


async def test_a_raw_response_has_no_context(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/completions", json_reply({"choices": [{"text": "Hello"}]}))
    document = (await client.post("/api/generate", json={**NOT_STREAMED, "raw": True})).json()
    assert document["response"] == "Hello"
    assert "context" not in document
