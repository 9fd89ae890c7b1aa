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

ASK = {"model": "gpt-4o", "prompt": "hi"}
WHOLE = {**ASK, "stream": False}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n....").decode()


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


async def test_a_stream_carries_the_answer_in_response(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    pieces = [chunk(reasoning="Hm."), chunk("Hel"), chunk("lo"), chunk(finish="length")]
    backend.reply("/chat/completions", stream_reply(events(*pieces, usage(9, 2))))
    thought, *said, last = lines_of(await client.post("/api/generate", json=ASK))
    assert (thought["thinking"], thought["response"]) == ("Hm.", "")
    assert [line["response"] for line in said] == ["Hel", "lo"]
    assert (last["response"], last["done_reason"], last["eval_count"]) == ("", "length", 2)
    assert all("message" not in line for line in (thought, *said, last))


async def test_a_whole_answer_is_one_document(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello", reasoning="Hm.")))
    response = await client.post("/api/generate", json=WHOLE)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    answer = response.json()
    assert (answer["response"], answer["thinking"], answer["done"]) == ("Hello", "Hm.", True)
    assert answer["prompt_eval_count"] == 7


async def test_system_prompt_pictures_and_options_are_sent(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    rest = {"system": "Be brief.", "images": [PNG], "options": {"temperature": 0}}
    await client.post("/api/generate", json={**WHOLE, **rest})
    asked = backend.asked("/chat/completions")[0]
    assert asked["messages"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "hi"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
            ],
        },
    ]
    assert asked["temperature"] == 0


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
        ask = {"model": "gpt-4o", "stream": stream, **body}
        response = await client.post("/api/generate", json=ask)
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        answer = response.json()
        assert answer.pop("created_at")
        assert answer == {"model": "gpt-4o", "response": "", "done": True, "done_reason": reason}
    assert backend.asked("/chat/completions") == []


@pytest.mark.parametrize(
    "also",
    [{"template": "x"}, {"system": "x"}, {"context": [1]}],
    ids=lambda also: next(iter(also)),
)
async def test_raw_with_anything_that_would_need_a_template_is_a_400(
    client: httpx.AsyncClient, also: dict[str, Any]
) -> None:
    response = await client.post("/api/generate", json={**ASK, "raw": True, **also})
    assert response.status_code == 400
    text = "raw mode does not support template, system, or context"
    assert response.json() == {"error": text}


async def test_a_template_is_a_400(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/generate", json={**ASK, "template": "{{ .Prompt }}"})
    assert response.status_code == 400
    assert response.json()["error"].startswith("template is not supported")


async def test_what_would_be_sent_can_be_seen(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    ask = {**ASK, "images": [PNG], "_debug_render_only": True}
    answer = (await client.post("/api/generate", json=ask)).json()
    info = answer.pop("_debug_info")
    assert answer.pop("created_at")
    assert answer == {"model": "gpt-4o", "response": "", "done": False}
    assert msgspec.json.decode(info["rendered_template"])["model"] == "gpt-4o"
    assert info["image_count"] == 1
    assert backend.asked("/chat/completions") == []
