"""LiteLLM, and aider by it.

It names no type for its bodies, and sends a list of pictures with every message.
"""

import json
from typing import Any

import httpx

from tests.fakes.transport import FakeTransport, completion, json_reply
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, WEATHER, calls, document, raw_lines, streams


async def test_a_model_is_known_by_its_name(post: Post) -> None:
    told = document(await post("/api/show", f'{{"name":"{MODEL}"}}'), dict[str, Any])
    assert "tools" in told["template"].lower(), "it would not let it call tools"
    assert len([key for key in told["model_info"] if "context_length" in key]) == 1


async def test_a_body_without_a_type_is_json(
    kept_client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello")))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi","images":[]}}],'
        '"options":{"temperature":0,"num_ctx":8192},"stream":false}'
    )
    request = kept_client.build_request("POST", "/api/chat", content=body.encode())
    assert "content-type" not in request.headers
    told = document(await kept_client.send(request), dict[str, Any])
    assert told["message"]["content"] == "Hello"


async def test_two_calls_in_a_stream_are_not_glued_together(
    backend: FakeTransport, post: Post
) -> None:
    streams(backend, *calls("Oslo", "Rome"), finish="tool_calls")
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}],'
        f'"tools":[{WEATHER}],"stream":true}}'
    )
    told = [json.loads(line)["message"] for line in raw_lines(await post("/api/chat", body))]
    made = [call for message in told for call in message.get("tool_calls", [])]
    assert [call.get("index") for call in made] == [0, 1], "it numbers calls by this key"
