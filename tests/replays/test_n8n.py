"""n8n.

It puts all fields of its form into `options`, and sends the message with the tool calls back
unchanged.
"""

import json
from typing import Any

import httpx

from tests.fakes.transport import FakeTransport, completion, json_reply
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, WEATHER, LastLine, document


def _chat(messages: str, tools: str = "") -> str:
    return (
        f'{{"model":"{MODEL}","messages":[{messages}],"stream":false,"tools":[{tools}],"options":'
        '{"temperature":0.7,"top_k":40,"num_predict":-1,"keep_alive":"5m","format":"",'
        '"low_vram":false,"penalize_newline":true,"use_mlock":false}}'
    )


USER = '{"role":"user","content":"How is the weather?"}'


async def test_the_credentials_check_succeeds(kept_client: httpx.AsyncClient) -> None:
    assert (await kept_client.get("/", headers={"authorization": "Bearer any"})).is_success
    tags = document(await kept_client.get("/api/tags"), dict[str, list[dict[str, Any]]])
    assert [model["name"] for model in tags["models"]] == [MODEL]


async def test_unknown_and_default_options_are_ignored(backend: FakeTransport, post: Post) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello")))
    assert document(await post("/api/chat", _chat(USER)), LastLine).message.content == "Hello"
    sent = backend.asked("/chat/completions")[0]
    assert sent["temperature"] == 0.7
    assert not {"tools", "response_format", "max_tokens", "max_completion_tokens"} & sent.keys()


async def test_the_message_with_the_tool_calls_can_be_sent_back_unchanged(
    backend: FakeTransport, post: Post
) -> None:
    function = {"name": "get_weather", "arguments": '{"city":"Oslo"}'}
    call = {"id": "call_0", "type": "function", "function": function}
    backend.reply(
        "/chat/completions", json_reply(completion(None, "tool_calls", tool_calls=[call]))
    )
    message = (await post("/api/chat", _chat(USER, WEATHER))).json()["message"]
    backend.reply("/chat/completions", json_reply(completion("It is cold.")))
    result = '{"role":"tool","content":"9 degrees","tool_name":"get_weather"}'
    response = await post("/api/chat", _chat(f"{USER},{json.dumps(message)},{result}", WEATHER))
    assert document(response, LastLine).message.content == "It is cold."
    _, assistant, tool = backend.asked("/chat/completions")[1]["messages"]
    assert tool["tool_call_id"] == assistant["tool_calls"][0]["id"] == "call_0"
