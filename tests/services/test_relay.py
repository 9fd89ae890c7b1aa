"""Conversion of the backend's streams: errors before and after the first line, odd formats."""

import logging
from typing import Any

import httpx
import msgspec
import pytest

from tests.fakes.client import lines_of
from tests.fakes.transport import (
    FakeTransport,
    Pieces,
    Reply,
    chunk,
    completion,
    events,
    json_reply,
    stream_reply,
)

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
GENERATE = {"model": "gpt-4o", "prompt": "hi"}
INVALID = pytest.mark.invalid_answers
HELLO = events(chunk("Hel"), chunk("lo"), done=False)


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


def event(document: Any, name: str | None = None) -> bytes:
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + msgspec.json.encode(document) + b"\n\n"


@pytest.mark.parametrize(
    ("reply", "status", "word"),
    [
        pytest.param(json_reply({"error": {"message": "bad key"}}, 401), 401, "bad key", id="401"),
        pytest.param(json_reply({"error": {"message": "no such"}}, 404), 404, "no such", id="404"),
        pytest.param(json_reply({"detail": "slow down"}, 429), 429, "slow down", id="429"),
        pytest.param(json_reply({"error": "broken"}, 500), 500, "broken", id="500"),
        pytest.param(json_reply({"error": "no gateway"}, 502), 502, "no gateway", id="502"),
        pytest.param(json_reply({"error": "gateway slow"}, 504), 504, "gateway slow", id="504"),
        pytest.param(httpx.ConnectError("refused"), 502, "refused", id="down"),
        pytest.param(httpx.ReadTimeout("slow"), 504, "in time", id="slow"),
        pytest.param(stream_reply(), 502, "empty|complete", id="empty-body"),
        pytest.param(stream_reply(events()), 502, "empty", id="only-done"),
        pytest.param(stream_reply(b": ping\n\n"), 502, "complete", id="only-comments"),
        pytest.param(
            stream_reply(event({"error": {"message": "out of memory", "code": 500}})),
            500, "out of memory", id="error-event",
        ),
        pytest.param(
            stream_reply(event({"error": {"message": "too long", "code": 400}}), events()),
            400, "too long", id="vllm",
        ),
        pytest.param(
            stream_reply(event({"message": "boom"}, "error")), 502, "boom", id="event-named-error"
        ),
        pytest.param(
            stream_reply(event({"object": "error", "message": "flat", "code": 400})),
            400, "flat", id="old-vllm",
        ),
        pytest.param(
            stream_reply(b"data: {nonsense\n\n"), 502, "invalid event", id="nonsense", marks=INVALID
        ),
        pytest.param(
            stream_reply(b"data: \xff\n\n"), 502, "invalid event", id="invalid-utf-8", marks=INVALID
        ),
        pytest.param(json_reply({"error": {"message": "moved"}}), 502, "moved", id="json-error-as-200"),
        pytest.param(json_reply({"error": "denied"}), 502, "denied", id="flat-error-with-200"),
        pytest.param(
            stream_reply(b"<html><title>Sign in</title></html>", content_type="text/html"),
            502, "Sign in", id="html", marks=INVALID,
        ),
        pytest.param(stream_reply(HELLO[:9], httpx.ReadError("reset")), 502, "lost the connection", id="connection-reset"),
    ],
)  # fmt: skip
async def test_a_failure_before_the_first_line_keeps_its_status(
    client: httpx.AsyncClient, backend: FakeTransport, reply: Reply, status: int, word: str
) -> None:
    backend.reply("/chat/completions", reply)
    for path, body in (("/api/chat", CHAT), ("/api/generate", GENERATE)):
        response = await client.post(path, json=body)
        assert response.status_code == status, response.text
        assert response.headers["content-type"].startswith("application/json")
        assert list(response.json()) == ["error"]
        assert any(part in response.json()["error"] for part in word.split("|"))


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
async def test_retry_after_is_forwarded(
    client: httpx.AsyncClient, backend: FakeTransport, stream: bool
) -> None:
    headers = {"retry-after": "20", "set-cookie": "a=b", "x-request-id": "7"}
    backend.reply("/chat/completions", json_reply({"error": "slow down"}, 429, headers))
    response = await client.post("/api/chat", json={**CHAT, "stream": stream})
    assert response.status_code == 429
    assert response.headers["retry-after"] == "20"
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    ("end", "word"),
    [
        pytest.param([], "complete", id="end-without-finish-reason"),
        pytest.param([httpx.ReadError("reset by peer")], "reset by peer", id="connection-reset"),
        pytest.param([httpx.RemoteProtocolError("half")], "invalid HTTP response", id="protocol-error"),
        pytest.param([event({"error": {"message": "out of memory"}})], "out of memory", id="error"),
        pytest.param([event({"error": {"message": "overloaded"}}), events()], "overloaded", id="vllm"),
        pytest.param([b'error: {"message": "old style"}\n\n'], "old style", id="old-llama-cpp"),
        pytest.param(
            [event({**chunk(finish="error"), "error": {"message": "provider"}})],
            "provider", id="openrouter",
        ),
        pytest.param([b"data: {nonsense\n\n"], "invalid event", id="nonsense", marks=INVALID),
        pytest.param([RuntimeError("secret detail")], "internal error", id="internal-error"),
    ],
)  # fmt: skip
async def test_a_failure_after_the_first_line_is_sent_as_the_last_line(
    client: httpx.AsyncClient, backend: FakeTransport, end: list[Any], word: str
) -> None:
    backend.reply("/chat/completions", stream_reply(HELLO, *end))
    chat, generate = [
        lines_of(await client.post(path, json=body))
        for path, body in (("/api/chat", CHAT), ("/api/generate", GENERATE))
    ]
    assert [line["message"]["content"] for line in chat[:-1]] == ["Hel", "lo"]
    assert [line["response"] for line in generate[:-1]] == ["Hel", "lo"]
    assert list(chat[-1]) == ["error"]
    assert word in chat[-1]["error"]
    assert "secret" not in chat[-1]["error"]
    assert generate[-1] == chat[-1]


async def test_lines_received_together_with_an_error_are_not_lost(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", stream_reply(HELLO + event({"error": {"message": "boom"}})))
    first, second, last = lines_of(await client.post("/api/chat", json=CHAT))
    assert first["message"]["content"] + second["message"]["content"] == "Hello"
    assert last == {"error": "boom"}


@pytest.mark.parametrize("size", [1, 3, 7], ids=lambda size: f"{size}-bytes")
async def test_the_chunking_of_the_body_does_not_matter(
    client: httpx.AsyncClient, backend: FakeTransport, size: int
) -> None:
    body = events(chunk("Grüße"), chunk("🙂"), chunk(finish="stop"))
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    backend.reply("/chat/completions", stream_reply(*parts))
    lines = lines_of(await client.post("/api/chat", json=CHAT))
    assert [line["message"]["content"] for line in lines] == ["Grüße", "🙂", ""]


@pytest.mark.parametrize(
    "body",
    [
        events(chunk("Hi"), chunk(finish="stop"), done=False),
        events(chunk("Hi"), done=True),
        events(chunk("Hi", finish="stop"), done=False).rstrip(b"\n"),
        b": ping\n\n" + events(chunk("Hi")).replace(b"\n", b"\r\n"),
    ],
    ids=["finish-without-done", "done-without-finish", "no-last-newline", "crlf-and-comments"],
)
async def test_an_odd_but_complete_stream_is_accepted(
    client: httpx.AsyncClient, backend: FakeTransport, body: bytes
) -> None:
    backend.reply("/chat/completions", stream_reply(body))
    first, last = lines_of(await client.post("/api/chat", json=CHAT))
    assert first["message"]["content"] == "Hi"
    assert (last["done"], last["done_reason"]) == (True, "stop")


@pytest.mark.parametrize("indent", [None, 2], ids=["compact", "pretty"])
async def test_a_whole_completion_in_response_to_a_stream_request_becomes_lines(
    client: httpx.AsyncClient, backend: FakeTransport, indent: int | None
) -> None:
    body = msgspec.json.encode(completion("Hello"))
    body = msgspec.json.format(body, indent=indent) if indent else body
    backend.reply("/chat/completions", stream_reply(body, content_type="application/json"))
    first, last = lines_of(await client.post("/api/chat", json=CHAT))
    assert first["message"]["content"] == "Hello"
    assert (last["done"], last["eval_count"]) == (True, 3)


async def test_nothing_after_done_is_read(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    body = Pieces(events(chunk("Hi")), event({"error": {"message": "late"}}))
    headers = {"content-type": "text/event-stream"}
    reply = httpx.Response(200, headers=headers, stream=body)
    backend.reply("/chat/completions", lambda _: reply)
    first, last = lines_of(await client.post("/api/chat", json=CHAT))
    assert first["message"]["content"] == "Hi"
    assert last["done"] is True
    assert body.closed


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
async def test_a_key_in_an_error_with_status_200_is_redacted(
    client: httpx.AsyncClient,
    backend: FakeTransport,
    caplog: pytest.LogCaptureFixture,
    late: bool,
    stream: bool,
) -> None:
    echo = {"error": {"message": "bad key: sk-test-secret"}}
    streamed = stream_reply(*([HELLO] if late else []), event(echo))
    backend.reply("/chat/completions", streamed if stream else json_reply(echo))
    with caplog.at_level(logging.DEBUG):
        response = await client.post("/api/chat", json={**CHAT, "stream": stream})
    assert "bad key" in response.text
    assert "secret" not in response.text + caplog.text
