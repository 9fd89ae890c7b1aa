"""Acceptance tests: the details of Ollama's API that its clients depend on."""

import re
from datetime import datetime
from typing import Any

import httpx
import msgspec
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

MESSAGES = [{"role": "user", "content": "hi"}]
CHAT: dict[str, Any] = {"model": "gpt-4o", "messages": MESSAGES}
STREAM = events(chunk("", role="assistant"), chunk("Hi"), chunk(finish="stop"), usage(9, 2))
CALL = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
COUNTER = re.compile(rb'"(?:\w+_duration|\w*eval_count)":([^,}]+)')
TIME = re.compile(rb'"created_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z"')


async def test_a_body_is_decoded_regardless_of_content_type_and_case_of_keys(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hi")))
    body = b'{"MODEL":"gpt-4o","Messages":[{"ROLE":"user","content":"hi"}],"STREAM":false,"x":1}'
    for content_type in (
        {},
        {"content-type": "text/plain"},
        {"content-type": "multipart/form-data"},
    ):
        response = await client.post("/api/chat", content=body, headers=content_type)
        assert response.json()["message"]["content"] == "Hi"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/show"), ("POST", "/api/pull"), ("POST", "/api/push"),
        ("DELETE", "/api/delete"), ("POST", "/api/create"),
    ],
)  # fmt: skip
async def test_name_is_used_if_model_is_missing_or_empty(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    rest = {"from": "gpt-4o", "stream": False}
    expected = await client.request(method, path, json={"model": "gpt-4o", **rest})
    for body in ({"name": "gpt-4o"}, {"model": "", "name": "gpt-4o"}):
        response = await client.request(method, path, json={**body, **rest})
        assert (response.status_code, response.content) == (expected.status_code, expected.content)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"temperature": "hot"}, 'option "temperature" must be of type float32'),
        ({"top_k": "x"}, 'option "top_k" must be of type integer'),
        ({"use_mmap": 1}, 'option "use_mmap" must be of type boolean'),
        ({"stop": "x"}, 'option "stop" must be of type array'),
        ({"stop": [1]}, 'option "stop" must be of an array of strings'),
    ],
)
async def test_an_option_of_the_wrong_type_returns_500(
    client: httpx.AsyncClient, options: dict[str, Any], text: str
) -> None:
    response = await client.post("/api/chat", json={**CHAT, "options": options})
    assert (response.status_code, response.json()) == (500, {"error": text})


async def test_unknown_paths_return_404_and_wrong_methods_405(
    client: httpx.AsyncClient,
) -> None:
    unknown = await client.get("/API/tags")
    assert (unknown.status_code, unknown.json()) == (404, {"error": "404 page not found"})
    wrong = await client.get("/api/chat")
    assert (wrong.status_code, wrong.json()) == (405, {"error": "405 method not allowed"})
    assert wrong.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("keep_alive", "reason"), [(None, "load"), (0, "unload"), ("0s", "unload")]
)
async def test_load_and_unload_return_a_single_document_although_streaming_is_the_default(
    client: httpx.AsyncClient, keep_alive: object, reason: str
) -> None:
    for path, field in (("/api/chat", "message"), ("/api/generate", "response")):
        response = await client.post(path, json={"model": "gpt-4o", "keep_alive": keep_alive})
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert list(response.json()) == ["model", "created_at", field, "done", "done_reason"]
        assert response.json()["done_reason"] == reason


@pytest.mark.invalid_answers
async def test_a_stream_ends_with_one_done_or_error_line(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", stream_reply(STREAM))
    assert lines_of(await client.post("/api/chat", json=CHAT))[-1]["done"] is True
    broken = STREAM[: STREAM.index(b'"finish_reason":"stop"')]
    backend.reply("/chat/completions", stream_reply(broken))
    assert "error" in lines_of(await client.post("/api/chat", json=CHAT))[-1]
    backend.reply("/chat/completions", json_reply({"error": {"message": "slow down"}}, 429))
    first = await client.post("/api/chat", json=CHAT)
    assert (first.status_code, first.json()) == (429, {"error": "slow down"})


async def test_every_line_has_the_fields_and_types_that_clients_require(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    stream = events(chunk("Hi"), chunk(tool_calls=[CALL]), chunk(finish="tool_calls"), usage(9, 2))
    backend.reply("/chat/completions", stream_reply(stream))
    response = await client.post("/api/chat", json={**CHAT, "model": "GPT-4o:latest"})
    for line in response.content.splitlines():
        message = msgspec.json.decode(line)["message"]
        assert (message["role"], type(message["content"])) == ("assistant", str)
        assert line.startswith(b'{"model":"GPT-4o:latest"')
        assert TIME.search(line)
        assert b"null" not in line
    text, call, last = response.content.splitlines()
    assert msgspec.json.decode(call)["message"]["tool_calls"][0]["function"]["arguments"] == {}
    assert not COUNTER.findall(text + call)
    assert [value.isdigit() and int(value) > 0 for value in COUNTER.findall(last)] == [True] * 6


async def test_tags_and_ps_return_tags_digests_times_and_integer_sizes(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/api/generate", json={"model": "gpt-4o"})
    for path, time in (("/api/tags", "modified_at"), ("/api/ps", "expires_at")):
        (model,) = (await client.get(path)).json()["models"]
        assert model["name"] == model["model"] == "gpt-4o:latest"
        assert re.fullmatch("[0-9a-f]{64}", model["digest"])
        assert datetime.fromisoformat(model[time]).tzinfo is not None
        assert type(model["size"]) is int
        details = model["details"]
        strings = ("parent_model", "format", "family", "parameter_size", "quantization_level")
        assert all(type(details[key]) is str for key in strings)


async def test_show_returns_capabilities_context_length_and_basename(
    client: httpx.AsyncClient,
) -> None:
    shown = (await client.post("/api/show", json={"model": "gpt-4o"})).json()
    info = shown["model_info"]
    assert "completion" in shown["capabilities"]
    assert type(info[f"{info['general.architecture']}.context_length"]) is int
    assert info["general.basename"] == "gpt-4o"


@pytest.mark.parametrize("path", ["/", "/api/version", "/api/tags"])
async def test_head_returns_the_content_type_of_get(client: httpx.AsyncClient, path: str) -> None:
    head, get = await client.head(path), await client.get(path)
    assert head.status_code == 200
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/copy", {"source": "gpt-4o", "destination": "mine"}),
        ("DELETE", "/api/delete", {"model": "gpt-4o"}),
        ("POST", "/api/create", {"model": "mine", "from": "gpt-4o", "stream": False}),
    ],
)
async def test_operations_that_would_change_a_model_return_501(
    client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any]
) -> None:
    response = await client.request(method, path, json=body)
    assert response.status_code == 501
    assert "backend" in response.json()["error"]
