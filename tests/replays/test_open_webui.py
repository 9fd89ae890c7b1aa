"""Open WebUI.

It refreshes its models from the list and what runs, and reads answers by Python's own means.
"""

import json
from datetime import datetime
from typing import Any

import httpx

from tests.fakes.transport import FakeTransport, json_reply
from tests.replays.conftest import Post
from tests.replays.strict import (
    MODEL,
    WEATHER,
    calls,
    document,
    last_line,
    raw_lines,
    says,
    streams,
)

USER = '{"role":"user","content":"hi"}'


def _chat(messages: str = USER, more: str = "") -> str:
    return (
        f'{{"model":"{MODEL}","messages":[{messages}],"stream":true,"options":{{}},'
        f'"format":null,"keep_alive":null,"think":null{more}}}'
    )


async def test_the_models_are_refreshed(
    kept_client: httpx.AsyncClient, backend: FakeTransport, post: Post
) -> None:
    streams(backend, *says("Hi"))
    last_line(await post("/api/chat", _chat()))
    listed = document(await kept_client.get("/api/tags"), dict[str, list[dict[str, Any]]])
    assert [model["model"] for model in listed["models"]] == [MODEL]
    running = document(await kept_client.get("/api/ps"), dict[str, list[dict[str, Any]]])
    assert [model["model"] for model in running["models"]] == [MODEL]
    until = datetime.fromisoformat(running["models"][0]["expires_at"])
    assert until.timestamp() > 0
    version = document(await kept_client.get("/api/version"), dict[str, str])["version"]
    assert [int(part) for part in version.removeprefix("v").split("-")[0].split(".")]


async def test_calls_are_merged_by_their_index(backend: FakeTransport, post: Post) -> None:
    streams(backend, *calls("Oslo", "Rome"), finish="tool_calls")
    response = await post("/api/chat", _chat(more=f',"tools":[{WEATHER}]'))
    made = [
        call
        for line in raw_lines(response)
        for call in json.loads(line)["message"].get("tool_calls", [])
    ]
    assert [call["function"]["index"] for call in made] == [0, 1]
    assert all(isinstance(call["id"], str) and call["id"] for call in made)


async def test_a_picture_may_come_without_a_text(backend: FakeTransport, post: Post) -> None:
    streams(backend, *says("A pixel."))
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    last_line(await post("/api/chat", _chat(f'{{"role":"user","images":["{pixel}"]}}')))
    [message] = backend.asked("/chat/completions")[0]["messages"]
    assert [part["type"] for part in message["content"]] == ["image_url"]


async def test_documents_are_embedded_at_once(backend: FakeTransport, post: Post) -> None:
    data = [{"index": index, "embedding": [1.0, 0.0]} for index in range(2)]
    backend.reply("/embeddings", json_reply({"data": data, "usage": {"prompt_tokens": 4}}))
    body = f'{{"input":["one","two"],"model":"{MODEL}","truncate":true}}'
    told = document(await post("/api/embed", body), dict[str, object])
    assert told["embeddings"] == [[1.0, 0.0], [1.0, 0.0]]


async def test_a_model_is_unloaded_by_an_empty_prompt(post: Post) -> None:
    body = f'{{"model":"{MODEL}","keep_alive":0,"prompt":""}}'
    told = document(await post("/api/generate", body), dict[str, object])
    assert (told["done"], told["done_reason"], told["response"]) == (True, "unload", "")
