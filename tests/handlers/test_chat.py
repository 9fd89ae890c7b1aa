"""POST /api/chat over a scripted backend."""

import base64
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
    usage,
)

REQUEST = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
NOT_STREAMED = {**REQUEST, "stream": False}
COUNTERS = {
    "total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration",
    "eval_count", "eval_duration",
}  # fmt: skip
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n....").decode()
CALL = {
    "index": 0,
    "id": "call_1",
    "function": {"name": "weather", "arguments": '{"city": "Oslo"}'},
}


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


async def test_a_stream_has_a_line_for_each_part_and_a_final_line(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    chunks = [chunk("", role="assistant"), chunk("Hel"), chunk("lo"), chunk(finish="stop")]
    backend.reply("/chat/completions", stream_reply(events(*chunks, usage(9, 2))))
    response = await client.post("/api/chat", json=REQUEST)
    assert response.status_code == 200
    lines = lines_of(response)
    assert [line["message"]["content"] for line in lines] == ["Hel", "lo", ""]
    assert all(line["message"]["role"] == "assistant" for line in lines)
    assert all(line["model"] == "gpt-4o" for line in lines)
    assert lines[-1]["done_reason"] == "stop"
    assert lines[-1]["prompt_eval_count"] == 9
    assert lines[-1]["eval_count"] == 2


async def test_the_counters_are_positive_integers_on_the_last_line_only(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", stream_reply(events(chunk("Hi"), chunk(finish="stop"))))
    *others, last = lines_of(await client.post("/api/chat", json=REQUEST))
    assert all(isinstance(last[name], int) and last[name] > 0 for name in COUNTERS)
    assert not any(COUNTERS & line.keys() for line in others)


async def test_a_non_streaming_response_is_one_document(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello")))
    response = await client.post("/api/chat", json=NOT_STREAMED)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    document = response.json()
    assert document["message"] == {"role": "assistant", "content": "Hello"}
    assert (document["done"], document["done_reason"]) == (True, "stop")
    assert all(isinstance(document[name], int) and document[name] > 0 for name in COUNTERS)
    assert "stream" not in backend.asked("/chat/completions")[0]


@pytest.mark.parametrize("stream", [None, True], ids=["null", "true"])
async def test_only_false_disables_streaming(
    client: httpx.AsyncClient, backend: FakeTransport, stream: bool | None
) -> None:
    backend.reply("/chat/completions", stream_reply(events(chunk("Hi"), chunk(finish="stop"))))
    lines_of(await client.post("/api/chat", json={**REQUEST, "stream": stream}))
    (upstream,) = backend.asked("/chat/completions")
    assert upstream["stream"] is True
    assert upstream["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"messages": []}, "load"),
        ({"messages": None, "keep_alive": "5m"}, "load"),
        ({}, "load"),
        ({"keep_alive": 0}, "unload"),
        ({"keep_alive": "0s", "messages": []}, "unload"),
        ({"keep_alive": 0.0}, "unload"),
    ],
)
async def test_without_messages_a_model_is_only_loaded_or_unloaded(
    client: httpx.AsyncClient, backend: FakeTransport, body: Any, reason: str
) -> None:
    for stream in (True, False):
        request = {"model": "GPT-4o", "stream": stream, **body}
        response = await client.post("/api/chat", json=request)
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        document = response.json()
        assert document.pop("created_at")
        assert document == {
            "model": "GPT-4o",
            "message": {"role": "assistant", "content": ""},
            "done": True,
            "done_reason": reason,
        }
    assert backend.asked("/chat/completions") == []


async def test_keep_alive_zero_unloads_the_model_after_the_response(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello")))
    response = await client.post("/api/chat", json={**NOT_STREAMED, "keep_alive": 0})
    assert response.json()["done_reason"] == "stop"
    assert (await client.get("/api/ps")).json() == {"models": []}


async def test_tools_are_forwarded_and_calls_are_returned(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    chunks = events(chunk("Wait."), chunk(tool_calls=[CALL]), chunk(finish="tool_calls"))
    backend.reply("/chat/completions", stream_reply(chunks))
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    tool = {"type": "function", "function": {"name": "weather", "parameters": parameters}}
    lines = lines_of(await client.post("/api/chat", json={**REQUEST, "tools": [tool]}))
    assert backend.asked("/chat/completions")[0]["tools"] == [tool]
    text, call, last = lines
    assert text["message"]["content"] == "Wait."
    assert call["message"]["content"] == ""
    (tool_call,) = call["message"]["tool_calls"]
    assert tool_call["id"] == "call_1"
    assert tool_call["function"] == {"index": 0, "name": "weather", "arguments": {"city": "Oslo"}}
    assert "tool_calls" not in last["message"]
    assert last["done_reason"] == "stop"


async def test_a_result_is_sent_with_the_id_of_its_call(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    history = [
        *REQUEST["messages"],
        {"role": "assistant", "tool_calls": [{"function": {"name": "weather", "arguments": {}}}]},
        {"role": "tool", "tool_name": "weather", "content": "rain"},
    ]
    await client.post("/api/chat", json={**NOT_STREAMED, "messages": history})
    _, call, result = backend.asked("/chat/completions")[0]["messages"]
    assert result["tool_call_id"] == call["tool_calls"][0]["id"] != ""
    assert call["tool_calls"][0]["function"]["arguments"] == "{}"


async def test_reasoning_is_returned_as_thinking(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    chunks = [chunk(reasoning_content="Hm."), chunk("Yes."), chunk(finish="stop")]
    backend.reply("/chat/completions", stream_reply(events(*chunks)))
    thinking, text, last = lines_of(
        await client.post("/api/chat", json={**REQUEST, "think": "high"})
    )
    assert thinking["message"] == {"role": "assistant", "content": "", "thinking": "Hm."}
    assert text["message"] == {"role": "assistant", "content": "Yes."}
    assert last["message"] == {"role": "assistant", "content": ""}
    assert backend.asked("/chat/completions")[0]["reasoning_effort"] == "high"


async def test_an_image_is_sent_with_its_media_type(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    message = {"role": "user", "content": "What is it?", "images": [PNG]}
    await client.post("/api/chat", json={**NOT_STREAMED, "messages": [message]})
    assert backend.asked("/chat/completions")[0]["messages"][0]["content"] == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    ]


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        ("json", {"type": "json_object"}),
        (
            {"type": "object"},
            {
                "type": "json_schema",
                "json_schema": {"name": "response", "schema": {"type": "object"}},
            },
        ),
        ("", None),
        (None, None),
    ],
    ids=["json", "schema", "empty", "null"],
)
async def test_format_becomes_response_format(
    client: httpx.AsyncClient, backend: FakeTransport, format_: Any, expected: Any
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    await client.post("/api/chat", json={**NOT_STREAMED, "format": format_})
    response_format = backend.asked("/chat/completions")[0].get("response_format")
    if isinstance(response_format, dict) and "json_schema" in response_format:
        response_format["json_schema"].pop("strict", None)
    assert response_format == expected


async def test_options_become_request_fields(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    options = {
        "temperature": 0.5, "top_p": 0.9, "seed": 7, "stop": ["END"], "num_predict": 16,
        "num_ctx": 4096, "top_k": None, "tfs_z": 1,
    }  # fmt: skip
    await client.post("/api/chat", json={**NOT_STREAMED, "options": options})
    upstream = backend.asked("/chat/completions")[0]
    assert {key: upstream[key] for key in upstream.keys() - {"model", "messages"}} == {
        "temperature": 0.5, "top_p": 0.9, "seed": 7, "stop": ["END"], "max_tokens": 16,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"format": "xml"}, 500, 'invalid format: "\\"xml\\""; expected "json" or a valid JSON Schema object'),
        ({"options": {"temperature": "hot"}}, 500, 'option "temperature" must be of type float32'),
        ({"keep_alive": "10"}, 400, 'time: missing unit in duration "10"'),
        ({"keep_alive": True}, 400, "Unsupported type: 'bool'"),
        ({"top_logprobs": 21}, 400, "top_logprobs must be between 0 and 20"),
        ({"think": "extreme"}, 400, 'invalid think value: "extreme" (must be "high", "medium", "low", "max", true, or false)'),
        ({"messages": [{"role": "user", "images": ["data:image/png;base64,AA=="]}]}, 400, "illegal base64 data at input byte 4"),
    ],
    ids=["format", "option", "keep_alive", "keep_alive-bool", "top_logprobs", "think", "image"],
)  # fmt: skip
async def test_an_invalid_request_is_rejected_before_the_backend_is_called(
    client: httpx.AsyncClient, backend: FakeTransport, body: Any, status: int, text: str
) -> None:
    response = await client.post("/api/chat", json={**REQUEST, **body})
    assert (response.status_code, response.json()) == (status, {"error": text})
    assert backend.asked("/chat/completions") == []
