"""`context` of POST /api/generate: what has been said comes back as numbers."""

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

ASK = {"model": "gpt-4o", "prompt": "hi"}
WHOLE = {**ASK, "stream": False}


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


def contents(backend: FakeTransport) -> list[Any]:
    return [message["content"] for message in backend.asked("/chat/completions")[-1]["messages"]]


async def test_a_conversation_goes_on_with_what_the_last_answer_carries(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello", reasoning="Hm.")))
    first = (await client.post("/api/generate", json={**WHOLE, "system": "Be kind."})).json()
    said = stream_reply(events(chunk("Fi"), chunk("ne", finish="stop")))
    backend.reply("/chat/completions", said)
    ask = {**ASK, "prompt": "how are you?", "context": first["context"]}
    *lines, second = lines_of(await client.post("/api/generate", json=ask))
    assert contents(backend) == ["Be kind.", "hi", "Hello", "how are you?"]
    assert not any("context" in line for line in lines)
    await client.post("/api/generate", json={**ASK, "context": second["context"]})
    assert contents(backend) == ["Be kind.", "hi", "Hello", "how are you?", "Fine", "hi"]


@pytest.mark.parametrize("context", [[1, 2, 3], [-5], [], [2**40]], ids=str)
async def test_numbers_that_are_not_ours_say_nothing(
    client: httpx.AsyncClient, backend: FakeTransport, context: list[int]
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello")))
    response = await client.post("/api/generate", json={**WHOLE, "context": context})
    assert response.status_code == 200
    assert contents(backend) == ["hi"]


async def test_a_raw_prompt_has_no_context(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/completions", json_reply({"choices": [{"text": "Hello"}]}))
    answer = (await client.post("/api/generate", json={**WHOLE, "raw": True})).json()
    assert answer["response"] == "Hello"
    assert "context" not in answer
