"""POST /api/chat over a scripted backend."""

import httpx
import msgspec

from tests.fakes.transport import (
    FakeTransport,
    chunk,
    completion,
    events,
    json_reply,
    stream_reply,
    usage,
)

ASK = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}


async def test_a_stream_has_a_line_for_each_piece_and_one_last_line(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply(
        "/chat/completions",
        stream_reply(
            events(
                chunk("", role="assistant"),
                chunk("Hel"),
                chunk("lo"),
                chunk(finish="stop"),
                usage(9, 2),
            )
        ),
    )
    response = await client.post("/api/chat", json=ASK)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-ndjson"
    assert response.content.endswith(b"\n")
    lines = [msgspec.json.decode(line) for line in response.content.splitlines()]
    assert [line["message"]["content"] for line in lines] == ["Hel", "lo", ""]
    assert [line["done"] for line in lines] == [False, False, True]
    assert lines[-1]["done_reason"] == "stop"
    assert lines[-1]["prompt_eval_count"] == 9
    assert lines[-1]["eval_count"] == 2


async def test_a_whole_answer_is_one_document(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello")))
    response = await client.post("/api/chat", json={**ASK, "stream": False})
    assert response.json()["message"] == {"role": "assistant", "content": "Hello"}
    assert response.json()["done"] is True
    assert "stream" not in backend.asked("/chat/completions")[0]
