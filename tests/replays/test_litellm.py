"""LiteLLM, which aider uses.

It sends no content type, and a list of images with every message.
"""

import json
from typing import Any

import httpx

from tests.fakes.transport import FakeTransport, completion, json_reply
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, WEATHER, document, raw_lines, reply_with, tool_calls


async def test_show_accepts_a_name_instead_of_a_model(post: Post) -> None:
    shown = document(await post("/api/show", f'{{"name":"{MODEL}"}}'), dict[str, Any])
    assert "tools" in shown["template"].lower(), "it would not send tools"
    assert len([key for key in shown["model_info"] if "context_length" in key]) == 1


async def test_a_body_without_a_content_type_is_parsed_as_json(
    kept_client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello")))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi","images":[]}}],'
        '"options":{"temperature":0,"num_ctx":8192},"stream":false}'
    )
    request = kept_client.build_request("POST", "/api/chat", content=body.encode())
    assert "content-type" not in request.headers
    reply = document(await kept_client.send(request), dict[str, Any])
    assert reply["message"]["content"] == "Hello"


async def test_two_streamed_tool_calls_have_different_indexes(
    backend: FakeTransport, post: Post
) -> None:
    reply_with(backend, *tool_calls("Oslo", "Rome"), finish="tool_calls")
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}],'
        f'"tools":[{WEATHER}],"stream":true}}'
    )
    messages = [json.loads(line)["message"] for line in raw_lines(await post("/api/chat", body))]
    made = [call for message in messages for call in message.get("tool_calls", [])]
    assert [call.get("index") for call in made] == [0, 1], "it merges calls with the same index"
