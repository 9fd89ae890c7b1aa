"""Open WebUI.

It refreshes its models from /api/tags and /api/ps. It decodes responses with Python's standard library.
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
    content,
    document,
    last_line,
    raw_lines,
    reply_with,
    tool_calls,
)

USER = '{"role":"user","content":"hi"}'


def _chat(messages: str = USER, more: str = "") -> str:
    return (
        f'{{"model":"{MODEL}","messages":[{messages}],"stream":true,"options":{{}},'
        f'"format":null,"keep_alive":null,"think":null{more}}}'
    )


async def test_models_and_running_models_are_listed(
    kept_client: httpx.AsyncClient, backend: FakeTransport, post: Post
) -> None:
    reply_with(backend, *content("Hi"))
    last_line(await post("/api/chat", _chat()))
    listed = document(await kept_client.get("/api/tags"), dict[str, list[dict[str, Any]]])
    assert [model["model"] for model in listed["models"]] == [MODEL]
    running = document(await kept_client.get("/api/ps"), dict[str, list[dict[str, Any]]])
    assert [model["model"] for model in running["models"]] == [MODEL]
    expiry = datetime.fromisoformat(running["models"][0]["expires_at"])
    assert expiry.timestamp() > 0
    version = document(await kept_client.get("/api/version"), dict[str, str])["version"]
    assert [int(part) for part in version.removeprefix("v").split("-")[0].split(".")]


async def test_tool_calls_have_an_index_and_an_id(backend: FakeTransport, post: Post) -> None:
    reply_with(backend, *tool_calls("Oslo", "Rome"), finish="tool_calls")
    response = await post("/api/chat", _chat(more=f',"tools":[{WEATHER}]'))
    made = [
        call
        for line in raw_lines(response)
        for call in json.loads(line)["message"].get("tool_calls", [])
    ]
    assert [call["function"]["index"] for call in made] == [0, 1]
    assert all(isinstance(call["id"], str) and call["id"] for call in made)


async def test_an_image_without_text_is_accepted(backend: FakeTransport, post: Post) -> None:
    reply_with(backend, *content("A pixel."))
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    last_line(await post("/api/chat", _chat(f'{{"role":"user","images":["{pixel}"]}}')))
    [message] = backend.asked("/chat/completions")[0]["messages"]
    assert [part["type"] for part in message["content"]] == ["image_url"]


async def test_documents_are_embedded_in_one_request(backend: FakeTransport, post: Post) -> None:
    data = [{"index": index, "embedding": [1.0, 0.0]} for index in range(2)]
    backend.reply("/embeddings", json_reply({"data": data, "usage": {"prompt_tokens": 4}}))
    body = f'{{"input":["one","two"],"model":"{MODEL}","truncate":true}}'
    reply = document(await post("/api/embed", body), dict[str, object])
    assert reply["embeddings"] == [[1.0, 0.0], [1.0, 0.0]]


async def test_an_empty_prompt_can_unload_the_model(post: Post) -> None:
    body = f'{{"model":"{MODEL}","keep_alive":0,"prompt":""}}'
    reply = document(await post("/api/generate", body), dict[str, object])
    assert (reply["done"], reply["done_reason"], reply["response"]) == (True, "unload", "")
