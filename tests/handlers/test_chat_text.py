"""What becomes of the text of an answer: thoughts in tags, stops, names of functions."""

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

ASK = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
WHOLE = {**ASK, "stream": False}
STOPS = ["1", "2", "3", "4", "END"]


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


async def test_thoughts_in_tags_are_thinking_as_they_come(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    texts = ["<", "think>", "\nHm", ".</th", "ink>\n\n", "Hi", " <b>", "!"]
    said = events(*map(chunk, texts), chunk(finish="stop"))
    backend.reply(
        "/chat/completions", stream_reply(*(said[at : at + 1] for at in range(len(said))))
    )
    *lines, last = lines_of(await client.post("/api/chat", json=ASK))
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
async def test_thoughts_in_tags_of_a_whole_answer_are_thinking_unless_none_are_wanted(
    client: httpx.AsyncClient, backend: FakeTransport, think: bool | None, message: dict[str, str]
) -> None:
    backend.reply("/chat/completions", json_reply(completion("<think>Hm.</think>Hi")))
    answer = (await client.post("/api/chat", json={**WHOLE, "think": think})).json()
    assert answer["message"] == {"role": "assistant", **message}


async def test_more_stops_than_the_backend_takes_are_found_here(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    options = {"options": {"stop": STOPS}}
    pieces = Pieces(
        events(chunk("one E"), done=False),
        events(chunk("N"), chunk("D two"), chunk("three", finish="length"), done=False),
        AssertionError("more was read than wanted"),
    )
    headers = {"content-type": "text/event-stream"}
    backend.reply(
        "/chat/completions", lambda request: httpx.Response(200, headers=headers, stream=pieces)
    )
    *lines, last = lines_of(await client.post("/api/chat", json={**ASK, **options}))
    assert [line["message"]["content"] for line in lines] == ["one "]
    assert (last["done"], last["done_reason"]) == (True, "stop")
    assert pieces.closed
    assert backend.asked("/chat/completions")[0]["stop"] == STOPS[:4]


async def test_a_whole_answer_ends_at_a_stop_of_ours(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("one END two", finish="length")))
    ask = {**WHOLE, "options": {"stop": STOPS}}
    answer = (await client.post("/api/chat", json=ask)).json()
    assert (answer["message"]["content"], answer["done_reason"]) == ("one ", "stop")


async def test_a_function_goes_by_a_name_that_the_backend_takes(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    call = {"index": 0, "id": "x", "function": {"name": "fs_read", "arguments": "{}"}}
    backend.reply("/chat/completions", json_reply(completion(None, tool_calls=[call])))
    tools = [{"type": "function", "function": {"name": "fs.read"}}]
    answer = (await client.post("/api/chat", json={**WHOLE, "tools": tools})).json()
    assert answer["message"]["tool_calls"][0]["function"]["name"] == "fs.read"
    asked = backend.asked("/chat/completions")[0]
    assert [tool["function"]["name"] for tool in asked["tools"]] == ["fs_read"]


@pytest.mark.parametrize(
    ("dialect", "format_", "type_"),
    [
        ("generic", "json", "json_object"),
        ("generic", {"type": "object"}, "json_schema"),
        ("deepseek", {"type": "object"}, "json_object"),
        ("lmstudio", "json", "json_schema"),
    ],
)
async def test_a_form_is_asked_for_in_the_dialects_words(
    settings: Settings, backend: FakeTransport, dialect: str, format_: Any, type_: str
) -> None:
    backend.reply("/chat/completions", json_reply(completion("{}")))
    async with client_of(settings.model_copy(update={"dialect": dialect}), backend) as client:
        await client.post("/api/chat", json={**WHOLE, "format": format_})
    asked = backend.asked("/chat/completions")[0]
    assert asked["response_format"]["type"] == type_
    assert "json" in str(asked).lower()


async def test_what_would_be_sent_can_be_seen(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    answer = (await client.post("/api/chat", json={**ASK, "_debug_render_only": True})).json()
    info = answer.pop("_debug_info")
    assert answer.pop("created_at")
    message = {"role": "", "content": ""}
    assert answer == {"model": "gpt-4o", "message": message, "done": False}
    assert msgspec.json.decode(info["rendered_template"])["messages"][0]["content"] == "hi"
    assert "image_count" not in info
    assert backend.asked("/chat/completions") == []
