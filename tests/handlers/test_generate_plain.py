"""POST /api/generate with `raw` or `suffix`, over a scripted backend."""

from typing import Any

import httpx
import pytest

from ollama_openai_proxy.config.settings import Settings
from tests.fakes.client import client_of, lines_of
from tests.fakes.transport import FakeTransport, events, json_reply, stream_reply

ASK = {"model": "gpt-4o", "prompt": "hi", "raw": True}
WHOLE = {**ASK, "stream": False}
FILL = {"model": "gpt-4o", "prompt": "a = ", "suffix": "\nprint(a)", "stream": False}


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


def said(text: str, finish: str | None = None, **rest: Any) -> dict[str, Any]:
    choice = {"index": 0, "text": text, "finish_reason": finish, "logprobs": None, **rest}
    return {"id": "cmpl-1", "object": "text_completion", "choices": [choice]}


async def test_a_raw_prompt_is_continued_in_lines(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}}
    pieces = [said("<think>"), said("lo"), said("", "length"), usage]
    backend.reply("/completions", stream_reply(events(*pieces)))
    *lines, last = lines_of(await client.post("/api/generate", json=ASK))
    assert [line["response"] for line in lines] == ["<think>", "lo"]
    assert (last["done_reason"], last["prompt_eval_count"], last["eval_count"]) == ("length", 4, 2)
    (asked,) = backend.asked("/completions")
    assert (asked["prompt"], asked["model"], asked["stream"]) == ("hi", "gpt-4o", True)


async def test_a_raw_prompt_is_continued_in_one(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    logprobs = {"tokens": ["Hi"], "token_logprobs": [-0.5], "top_logprobs": [{"Hi": -0.5}]}
    backend.reply("/completions", json_reply(said("Hi", "stop", logprobs=logprobs)))
    answer = (await client.post("/api/generate", json={**WHOLE, "logprobs": True})).json()
    assert answer["response"] == "Hi"
    assert answer["logprobs"] == [{"token": "Hi", "logprob": -0.5, "bytes": [72, 105]}]
    assert backend.asked("/completions")[0]["logprobs"] == 1


async def test_a_backend_that_does_not_stream_is_read_all_the_same(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/completions", json_reply(said("Hi", "stop")))
    first, last = lines_of(await client.post("/api/generate", json=ASK))
    assert (first["response"], last["done_reason"]) == ("Hi", "stop")


async def test_a_gap_is_filled(client: httpx.AsyncClient, backend: FakeTransport) -> None:
    backend.reply("/completions", json_reply(said("5", "stop")))
    answer = (await client.post("/api/generate", json=FILL)).json()
    assert answer["response"] == "5"
    assert backend.asked("/completions")[0]["suffix"] == "\nprint(a)"


@pytest.mark.parametrize("stream", [True, False])
async def test_a_backend_that_refuses_a_suffix_does_not_support_insert(
    client: httpx.AsyncClient, backend: FakeTransport, stream: bool
) -> None:
    message = "suffix is not currently supported"
    backend.reply("/completions", json_reply({"error": {"message": message}}, 400))
    response = await client.post("/api/generate", json={**FILL, "stream": stream})
    text = "registry.ollama.ai/library/gpt-4o:latest does not support insert"
    assert (response.status_code, response.json()) == (400, {"error": text})


async def test_a_dialect_without_gaps_is_not_asked(
    settings: Settings, backend: FakeTransport
) -> None:
    for dialect in ("openai", "vllm", "llamacpp"):
        spoken = settings.model_copy(update={"dialect": dialect})
        async with client_of(spoken, backend) as client:
            response = await client.post("/api/generate", json=FILL)
        assert response.status_code == 400
        assert response.json()["error"].endswith("does not support insert")
    assert backend.asked("/completions") == []
