"""Requests to the backend, and the handling of its responses."""

import gzip
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.backend import Backend, decoded
from ollama_openai_proxy.errors import (
    BackendRefused,
    BackendUnreachable,
    BackendViolation,
    ProxyError,
)
from ollama_openai_proxy.services.relay import CHAT
from tests.fakes.backends import open_backend
from tests.fakes.transport import (
    MODELS,
    FakeTransport,
    Pieces,
    completion,
    events,
    json_reply,
    stream_reply,
)

KEY = "acme/Secret+Key=0123456789"
REQUEST = openai.CreateChatCompletionRequest(model="m", messages=[openai.UserMessage(content="hi")])
STREAM = msgspec.structs.replace(REQUEST, stream=True)
PACKED = {"content-type": "application/json", "content-encoding": "gzip"}


def backend_at(url: str, transport: FakeTransport, key: str | None = KEY) -> Backend:
    return open_backend(url, key, transport)


async def completion_of(backend: Backend) -> openai.CreateChatCompletionResponse:
    async with backend.create_chat_completion(REQUEST) as exchange:
        return decoded(CHAT.whole, await exchange.read())


@pytest.fixture
def transport() -> FakeTransport:
    return FakeTransport()


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://h/v1", "http://h/v1/models"),
        ("http://h:8080", "http://h:8080/models"),
        ("https://h/api/openai/v1", "https://h/api/openai/v1/models"),
        ("http://h/v1?api-version=2024-10-21", "http://h/v1/models?api-version=2024-10-21"),
    ],
    ids=["v1", "no-path", "long-path", "query"],
)
async def test_paths_are_appended_to_the_base_url(
    transport: FakeTransport, base: str, url: str
) -> None:
    await backend_at(base, transport).list_models()
    assert str(transport.requests[0].url) == url


async def test_requests_have_a_key_and_media_types_and_refuse_compression(
    transport: FakeTransport,
) -> None:
    transport.reply("/chat/completions", json_reply(completion()))
    await completion_of(backend_at("http://h/v1", transport))
    (request,) = transport.requests
    assert request.method == "POST"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["content-length"] == str(len(request.content))


async def test_a_stream_request_accepts_an_event_stream(transport: FakeTransport) -> None:
    transport.reply("/chat/completions", stream_reply(events()))
    async with backend_at("http://h/v1", transport).create_chat_completion(STREAM) as stream:
        assert stream.media_type == "text/event-stream"
    assert transport.requests[0].headers["accept"] == "text/event-stream"


@pytest.mark.parametrize("key", [None, ""])
async def test_without_a_key_no_authorization_header_is_sent(
    transport: FakeTransport, key: str | None
) -> None:
    await backend_at("http://h/v1", transport, key).list_models()
    assert "authorization" not in transport.requests[0].headers


async def test_null_fields_are_not_sent(transport: FakeTransport) -> None:
    transport.reply("/chat/completions", json_reply(completion()))
    await completion_of(backend_at("http://h/v1", transport))
    assert transport.asked("/chat/completions") == [
        {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    ]


@pytest.mark.invalid_answers
@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"Hello", b"<html></html>", b'{"choices":1}', b'{"choices":[{"\xff', b"[" * 10**5],
    ids=["empty", "null", "array", "text", "html", "wrong-type", "invalid-utf-8", "nested"],
)  # fmt: skip
async def test_an_invalid_response_raises_backend_violation(
    transport: FakeTransport, body: bytes
) -> None:
    transport.reply("/chat/completions", lambda _: httpx.Response(200, content=body))
    with pytest.raises(BackendViolation):
        await completion_of(backend_at("http://h/v1", transport))


@pytest.mark.parametrize("status", [301, 302, 304, 400, 401, 429, 500, 503])
async def test_any_status_other_than_200_raises_an_error(
    transport: FakeTransport, status: int
) -> None:
    transport.reply("/chat/completions", json_reply({}, status, {"location": "http://h2/"}))
    with pytest.raises((BackendRefused, BackendViolation)):
        await completion_of(backend_at("http://h/v1", transport))
    assert len(transport.requests) == 1, "no redirect is followed and nothing is retried"


async def test_an_unrequested_compression_is_decoded(transport: FakeTransport) -> None:
    body = gzip.compress(b'{"data": []}')
    transport.reply(
        "/models",
        lambda _: httpx.Response(200, headers=PACKED, stream=Pieces(body)),
    )
    assert await backend_at("http://h/v1", transport).list_models() == b'{"data": []}'


@pytest.mark.invalid_answers
async def test_an_invalid_compression_raises_backend_violation(transport: FakeTransport) -> None:
    transport.reply(
        "/models",
        lambda _: httpx.Response(200, headers=PACKED, stream=Pieces(b"no gzip at all")),
    )
    with pytest.raises(BackendViolation):
        await backend_at("http://h/v1", transport).list_models()


@pytest.mark.parametrize("status", [200, 401], ids=["200", "401"])
async def test_a_truncated_body_raises_an_error(transport: FakeTransport, status: int) -> None:
    body = Pieces(b'{"error":', httpx.ReadError("reset"))
    headers = {"content-type": "application/json"}
    transport.reply("/models", lambda _: httpx.Response(status, headers=headers, stream=body))
    with pytest.raises(BackendUnreachable if status == 200 else BackendRefused):
        await backend_at("http://h/v1", transport).list_models()
    assert body.closed


async def test_a_stream_is_closed_when_its_reader_stops(transport: FakeTransport) -> None:
    body = Pieces(b"data: {}\n\n", b"data: {}\n\n")
    headers = {"content-type": "text/event-stream"}
    transport.reply(
        "/chat/completions", lambda _: httpx.Response(200, headers=headers, stream=body)
    )
    async with backend_at("http://h/v1", transport).create_chat_completion(STREAM) as stream:
        assert await anext(stream) == b"data: {}\n\n"
        assert not body.closed
    assert body.closed


@pytest.mark.parametrize(
    "echo",
    [
        pytest.param({"error": {"message": f"Incorrect API key provided: {KEY}."}}, id="canonical"),
        pytest.param({"error": f"bad key {KEY}"}, id="string"),
        pytest.param({"detail": f"{KEY} is unknown"}, id="fastapi"),
        pytest.param({"error": {"message": f"Bearer {KEY}"}}, id="header"),
        pytest.param({"error": {"message": f"for /v1?key={quote(KEY, safe='')}"}}, id="in-a-url"),
        pytest.param({"error": {"message": f"key {KEY[:14]}… is unknown"}}, id="truncated"),
        pytest.param({"error": {"message": f"key {KEY.upper()}"}}, id="upper-case"),
        pytest.param(f"<title>401: {KEY}</title>", id="html"),
        pytest.param(f"no: {KEY}", id="plain-text"),
        pytest.param(None, id="reason-phrase"),
    ],
)
async def test_a_key_echoed_by_the_backend_is_redacted(transport: FakeTransport, echo: Any) -> None:
    reply = json_reply(echo, 401)
    if not isinstance(echo, dict):
        phrase = {"reason_phrase": f"Bad key {KEY}".encode()}
        body = (echo or "").encode()
        reply = lambda _: httpx.Response(401, content=body, extensions=phrase)  # noqa: E731
    with pytest.raises(ProxyError) as refused:
        await backend_at("http://h/v1", transport.reply("/models", reply)).list_models()
    shown = f"{refused.value.message} {refused.value}".lower()
    assert "secret" not in shown
    assert "0123456789" not in shown
    assert refused.value.message


@pytest.mark.parametrize("key", ["x", "null", "e", "test"])
async def test_a_placeholder_key_is_not_redacted_inside_words(
    transport: FakeTransport, key: str
) -> None:
    reply = json_reply(
        {"error": {"message": "the latest extension is null-safe", "param": None}}, 400
    )
    with pytest.raises(BackendRefused) as refused:
        await backend_at("http://h/v1", transport.reply("/models", reply), key).list_models()
    assert refused.value.message.replace("***", "null") == "the latest extension is null-safe"


async def test_the_model_list_is_returned_unchanged(transport: FakeTransport) -> None:
    body = await backend_at("http://h/v1", transport).list_models()
    assert httpx.Response(200, content=body).json() == MODELS
