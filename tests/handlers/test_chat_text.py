"""Processing of response text: think tags, stop sequences and function names."""

from typing import Any

import httpx
import msgspec
import pytest

from ollama_openai_proxy.config.settings import Settings
from tests.fakes.client import client_of, lines_of
from tests.fakes.transport import (
    FakeTransport,
    Pieces,
    chunk,
    completion,
    events,
    json_reply,
    stream_reply,
)

REQUEST = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
NOT_STREAMED = {**REQUEST, "stream": False}
STOPS = ["1", "2", "3", "4", "END"]


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


async def test_think_tags_are_streamed_as_thinking(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    texts = ["<", "think>", "\nHm", ".</th", "ink>\n\n", "Hi", " <b>", "!"]
    stream = events(*map(chunk, texts), chunk(finish="stop"))
    backend.reply(
        "/chat/completions", stream_reply(*(stream[at : at + 1] for at in range(len(stream))))
    )
    *lines, last = lines_of(await client.post("/api/chat", json=REQUEST))
    messages = [line["message"] for line in lines]
    assert [message.get("thinking") for message in messages] == ["Hm", ".", None, None, None]
    assert [message["content"] for message in messages] == ["", "", "Hi", " <b>", "!"]
    assert last["done_reason"] == "stop"


@pytest.mark.parametrize(
    ("think", "message"),
    [
        (None, {"content": "Hi", "thinking": "Hm."}),
        (True, {"content": "Hi", "thinking": "Hm."}),
        (False, {"content": "<think>Hm.</think>Hi"}),
    ],
    ids=repr,
)
async def test_think_tags_in_a_whole_response_become_thinking_unless_think_is_false(
    client: httpx.AsyncClient, backend: FakeTransport, think: bool | None, message: dict[str, str]
) -> None:
    backend.reply("/chat/completions", json_reply(completion("<think>Hm.</think>Hi")))
    document = (await client.post("/api/chat", json={**NOT_STREAMED, "think": think})).json()
    assert document["message"] == {"role": "assistant", **message}


async def test_stops_beyond_the_backends_limit_are_detected_by_the_proxy(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    options = {"options": {"stop": STOPS}}
    pieces = Pieces(
        events(chunk("one E"), done=False),
        events(chunk("N"), chunk("D two"), chunk("three", finish="length"), done=False),
        AssertionError("the proxy must not read past the stop sequence"),
    )
    headers = {"content-type": "text/event-stream"}
    backend.reply(
        "/chat/completions", lambda request: httpx.Response(200, headers=headers, stream=pieces)
    )
    *lines, last = lines_of(await client.post("/api/chat", json={**REQUEST, **options}))
    assert [line["message"]["content"] for line in lines] == ["one "]
    assert (last["done"], last["done_reason"]) == (True, "stop")
    assert pieces.closed
    assert backend.asked("/chat/completions")[0]["stop"] == STOPS[:4]


async def test_a_whole_response_is_cut_at_a_detected_stop(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("one END two", finish="length")))
    body = {**NOT_STREAMED, "options": {"stop": STOPS}}
    document = (await client.post("/api/chat", json=body)).json()
    assert (document["message"]["content"], document["done_reason"]) == ("one ", "stop")


async def test_function_names_are_adapted_to_the_backend_and_restored(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    call = {"index": 0, "id": "x", "function": {"name": "fs_read", "arguments": "{}"}}
    backend.reply("/chat/completions", json_reply(completion(None, tool_calls=[call])))
    tools = [{"type": "function", "function": {"name": "fs.read"}}]
    document = (await client.post("/api/chat", json={**NOT_STREAMED, "tools": tools})).json()
    assert document["message"]["tool_calls"][0]["function"]["name"] == "fs.read"
    upstream = backend.asked("/chat/completions")[0]
    assert [tool["function"]["name"] for tool in upstream["tools"]] == ["fs_read"]


@pytest.mark.parametrize(
    ("dialect", "format_", "type_"),
    [
        ("generic", "json", "json_object"),
        ("generic", {"type": "object"}, "json_schema"),
        ("deepseek", {"type": "object"}, "json_object"),
        ("lmstudio", "json", "json_schema"),
    ],
)
async def test_format_is_sent_as_the_dialect_expects(
    settings: Settings, backend: FakeTransport, dialect: str, format_: Any, type_: str
) -> None:
    backend.reply("/chat/completions", json_reply(completion("{}")))
    async with client_of(settings.model_copy(update={"dialect": dialect}), backend) as client:
        await client.post("/api/chat", json={**NOT_STREAMED, "format": format_})
    upstream = backend.asked("/chat/completions")[0]
    assert upstream["response_format"]["type"] == type_
    assert "json" in str(upstream).lower()


async def test_debug_render_only_returns_the_backend_request(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    document = (await client.post("/api/chat", json={**REQUEST, "_debug_render_only": True})).json()
    info = document.pop("_debug_info")
    assert document.pop("created_at")
    message = {"role": "", "content": ""}
    assert document == {"model": "gpt-4o", "message": message, "done": False}
    assert msgspec.json.decode(info["rendered_template"])["messages"][0]["content"] == "hi"
    assert "image_count" not in info
    assert backend.asked("/chat/completions") == []
