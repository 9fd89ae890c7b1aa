"""POST /api/generate over a scripted backend."""

import base64
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

REQUEST = {"model": "gpt-4o", "prompt": "hi"}
NOT_STREAMED = {**REQUEST, "stream": False}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n....").decode()


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


async def test_a_stream_has_the_text_in_response(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    chunks = [chunk(reasoning="Hm."), chunk("Hel"), chunk("lo"), chunk(finish="length")]
    backend.reply("/chat/completions", stream_reply(events(*chunks, usage(9, 2))))
    thinking, *texts, last = lines_of(await client.post("/api/generate", json=REQUEST))
    assert (thinking["thinking"], thinking["response"]) == ("Hm.", "")
    assert [line["response"] for line in texts] == ["Hel", "lo"]
    assert (last["response"], last["done_reason"], last["eval_count"]) == ("", "length", 2)
    assert all("message" not in line for line in (thinking, *texts, last))


async def test_a_non_streaming_response_is_one_document(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello", reasoning="Hm.")))
    response = await client.post("/api/generate", json=NOT_STREAMED)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    document = response.json()
    assert (document["response"], document["thinking"], document["done"]) == ("Hello", "Hm.", True)
    assert document["prompt_eval_count"] == 7


async def test_system_prompt_images_and_options_are_sent(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    rest = {"system": "Be brief.", "images": [PNG], "options": {"temperature": 0}}
    await client.post("/api/generate", json={**NOT_STREAMED, **rest})
    upstream = backend.asked("/chat/completions")[0]
    assert upstream["messages"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "hi"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
            ],
        },
    ]
    assert upstream["temperature"] == 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "load"),
        ({"prompt": "", "images": [PNG], "suffix": "x"}, "load"),
        ({"prompt": None, "keep_alive": -1}, "load"),
        ({"keep_alive": 0}, "unload"),
        ({"prompt": "", "keep_alive": "0"}, "unload"),
    ],
)
async def test_without_a_prompt_a_model_is_only_loaded_or_unloaded(
    client: httpx.AsyncClient, backend: FakeTransport, body: Any, reason: str
) -> None:
    for stream in (True, False):
        request = {"model": "gpt-4o", "stream": stream, **body}
        response = await client.post("/api/generate", json=request)
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        document = response.json()
        assert document.pop("created_at")
        assert document == {"model": "gpt-4o", "response": "", "done": True, "done_reason": reason}
    assert backend.asked("/chat/completions") == []


@pytest.mark.parametrize(
    "also",
    [{"template": "x"}, {"system": "x"}, {"context": [1]}],
    ids=lambda also: next(iter(also)),
)
async def test_raw_with_template_system_or_context_is_a_400(
    client: httpx.AsyncClient, also: dict[str, Any]
) -> None:
    response = await client.post("/api/generate", json={**REQUEST, "raw": True, **also})
    assert response.status_code == 400
    text = "raw mode does not support template, system, or context"
    assert response.json() == {"error": text}


async def test_a_template_is_a_400(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/generate", json={**REQUEST, "template": "{{ .Prompt }}"})
    assert response.status_code == 400
    assert response.json()["error"].startswith("template is not supported")


async def test_debug_render_only_returns_the_backend_request(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    request = {**REQUEST, "images": [PNG], "_debug_render_only": True}
    document = (await client.post("/api/generate", json=request)).json()
    info = document.pop("_debug_info")
    assert document.pop("created_at")
    assert document == {"model": "gpt-4o", "response": "", "done": False}
    assert msgspec.json.decode(info["rendered_template"])["model"] == "gpt-4o"
    assert info["image_count"] == 1
    assert backend.asked("/chat/completions") == []
