"""POST /api/generate with `raw` or `suffix`, over a scripted backend."""

from typing import Any

import httpx
import pytest

from ollama_openai_proxy.config.settings import Settings
from tests.fakes.client import client_of, lines_of
from tests.fakes.transport import FakeTransport, events, json_reply, stream_reply

REQUEST = {"model": "gpt-4o", "prompt": "hi", "raw": True}
NOT_STREAMED = {**REQUEST, "stream": False}
INSERT = {"model": "gpt-4o", "prompt": "a = ", "suffix": "\nprint(a)", "stream": False}


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


def completion_event(text: str, finish: str | None = None, **rest: Any) -> dict[str, Any]:
    choice = {"index": 0, "text": text, "finish_reason": finish, "logprobs": None, **rest}
    return {"id": "cmpl-1", "object": "text_completion", "choices": [choice]}


async def test_a_raw_completion_is_streamed(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}}
    chunks = [
        completion_event("<think>"),
        completion_event("lo"),
        completion_event("", "length"),
        usage,
    ]
    backend.reply("/completions", stream_reply(events(*chunks)))
    *lines, last = lines_of(await client.post("/api/generate", json=REQUEST))
    assert [line["response"] for line in lines] == ["<think>", "lo"]
    assert (last["done_reason"], last["prompt_eval_count"], last["eval_count"]) == ("length", 4, 2)
    (upstream,) = backend.asked("/completions")
    assert (upstream["prompt"], upstream["model"], upstream["stream"]) == ("hi", "gpt-4o", True)


async def test_a_raw_completion_may_be_one_document(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    logprobs = {"tokens": ["Hi"], "token_logprobs": [-0.5], "top_logprobs": [{"Hi": -0.5}]}
    backend.reply("/completions", json_reply(completion_event("Hi", "stop", logprobs=logprobs)))
    document = (await client.post("/api/generate", json={**NOT_STREAMED, "logprobs": True})).json()
    assert document["response"] == "Hi"
    assert document["logprobs"] == [{"token": "Hi", "logprob": -0.5, "bytes": [72, 105]}]
    assert backend.asked("/completions")[0]["logprobs"] == 1


async def test_a_whole_completion_is_accepted_instead_of_a_stream(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/completions", json_reply(completion_event("Hi", "stop")))
    first, last = lines_of(await client.post("/api/generate", json=REQUEST))
    assert (first["response"], last["done_reason"]) == ("Hi", "stop")


async def test_a_suffix_is_forwarded(client: httpx.AsyncClient, backend: FakeTransport) -> None:
    backend.reply("/completions", json_reply(completion_event("5", "stop")))
    document = (await client.post("/api/generate", json=INSERT)).json()
    assert document["response"] == "5"
    assert backend.asked("/completions")[0]["suffix"] == "\nprint(a)"


@pytest.mark.parametrize("stream", [True, False])
async def test_a_rejected_suffix_is_reported_as_missing_insert_support(
    client: httpx.AsyncClient, backend: FakeTransport, stream: bool
) -> None:
    message = "suffix is not currently supported"
    backend.reply("/completions", json_reply({"error": {"message": message}}, 400))
    response = await client.post("/api/generate", json={**INSERT, "stream": stream})
    text = "registry.ollama.ai/library/gpt-4o:latest does not support insert"
    assert (response.status_code, response.json()) == (400, {"error": text})


async def test_a_dialect_without_insert_is_not_called(
    settings: Settings, backend: FakeTransport
) -> None:
    for dialect in ("openai", "vllm", "llamacpp"):
        adapted = settings.model_copy(update={"dialect": dialect})
        async with client_of(adapted, backend) as client:
            response = await client.post("/api/generate", json=INSERT)
        assert response.status_code == 400
        assert response.json()["error"].endswith("does not support insert")
    assert backend.asked("/completions") == []
