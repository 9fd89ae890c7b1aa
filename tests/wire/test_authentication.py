"""API keys of the service, on a real socket: accepted keys and error responses."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator
from hashlib import sha256

import msgspec
import ollama
import pytest

from ollama_openai_proxy.access.authentication import FREE
from ollama_openai_proxy.config.settings import Settings, read_settings
from ollama_openai_proxy.spec import load_spec
from tests.fakes.clock import passes
from tests.fakes.raw import Reply, send
from tests.fakes.service import running
from tests.fakes.specification import complaints
from tests.fakes.transport import FakeTransport, chunk, completion, events, json_reply, stream_reply

HOST = "host: localhost"
LAPTOP, PHONE = "laptop-key-0123", "phone:key:with:colons"
KEYS = f"laptop:{LAPTOP},phone:sha256:{sha256(PHONE.encode()).hexdigest()}"
CHAT = b'{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}],"stream":false}'
MISSING = "unauthorized: this service requires an API key; send `Authorization: Bearer KEY`"
WRONG = "unauthorized: unknown API key"
SIGNED_OUT = ("/api/signout", "/api/user/keys/{encodedKey}")
ROUTES = [
    (method.upper(), path)
    for path, item in load_spec("ollama.yaml")["paths"].items()
    for method in item
]


def settings_with(**others: object) -> Settings:
    return read_settings(backend_url="http://backend.test/v1", backend_key="sk-ours", **others)


@pytest.fixture
async def url(backend: FakeTransport) -> AsyncGenerator[str]:
    backend.reply("/chat/completions", json_reply(completion("Hello")))
    async with running(settings_with(api_keys=KEYS), backend) as url:
        yield url


def basic(text: str) -> str:
    return f"authorization: Basic {b64encode(text.encode()).decode()}"


def error_of(reply: Reply) -> object:
    return msgspec.json.decode(reply.body)["error"]


async def test_every_route_except_liveness_checks_requires_a_key(
    url: str, backend: FakeTransport
) -> None:
    await passes()  # the report at startup also sends a request
    before = len(backend.requests)
    free = []
    for method, path in ROUTES:
        reply = await send(url, f"{method} {path.replace('{', '').replace('}', '')}", HOST)
        if path in FREE:
            free.append(path)
            assert reply.status in (200, 503), (method, path)
            continue
        assert reply.status == 401, (method, path)
        assert dict(reply.headers)["www-authenticate"] == 'Bearer realm="ollama-openai-proxy"'
    assert set(free) == FREE
    extra = [request for request in backend.requests[before:] if request.method == "POST"]
    assert not extra


async def test_every_route_accepts_a_valid_key(url: str) -> None:
    for method, path in ROUTES:
        line = f"{method} {path.replace('{', '').replace('}', '')}"
        reply = await send(url, line, HOST, f"authorization: Bearer {PHONE}")
        body = reply.body.decode()
        assert MISSING not in body
        assert WRONG not in body
        assert reply.status != 401 or path in SIGNED_OUT, (method, path)


NEARLY_FREE = [
    "GET /nope", "GET //", "GET /api/version/", "POST /", "POST /api/version", "GET /API/VERSION",
    "GET /api//version", "GET /healthz/x", "OPTIONS /api/chat", "GET /openapi.json", "GET /ui",
    "GET /metrics", "GET /v1", "GET /api/version%2F", "GET /api/tags?x=/api/version",
]  # fmt: skip


async def test_paths_similar_to_public_ones_require_a_key(url: str) -> None:
    for line in NEARLY_FREE:
        assert (await send(url, line, "host: 127.0.0.1")).status == 401, line


TAKEN = [
    f"authorization: Bearer {LAPTOP}",
    f"Authorization: bearer  {PHONE}",
    f"authorization: {LAPTOP}",
    basic(f"me:{LAPTOP}"),
    basic(f"me:{PHONE}"),
    basic(f"{LAPTOP}:"),
    f"x-api-key: {LAPTOP}",
    f"api-key: {LAPTOP}",
    f"authorization: Bearer made-up\r\nx-api-key: {LAPTOP}",
]


async def test_a_key_is_accepted_in_any_header_and_not_forwarded(
    url: str, backend: FakeTransport
) -> None:
    for header in TAKEN:
        reply = await send(url, "POST /api/chat", HOST, header, body=CHAT)
        assert (reply.status, b'"content":"Hello"' in reply.body) == (200, True), header
        reply = await send(url, "POST /v1/chat/completions", HOST, header, body=CHAT)
        assert reply.status == 200, header
    for request in backend.requests:
        assert request.headers["authorization"] == "Bearer sk-ours"
        assert not {"x-api-key", "api-key"} & set(request.headers)


REFUSED = [
    ("x-odd: 1", MISSING),
    ("authorization:", MISSING),
    ("authorization: Bearer", MISSING),
    ("authorization: Bearer two words", MISSING),
    ("authorization: Bearer wrong", WRONG),
    (f"authorization: Bearer {LAPTOP}x", WRONG),
    (f"authorization: Bearer {LAPTOP[:-1]}", WRONG),
    ("authorization: Bearer laptop", WRONG),
    (f"authorization: Bearer {sha256(PHONE.encode()).hexdigest()}", WRONG),
    ("authorization: Bearer sk-ours", WRONG),
    (basic(f"{LAPTOP}:wrong"), WRONG),
    ("x-api-key: undefined", WRONG),
]


async def test_missing_and_unknown_keys_have_different_errors(url: str) -> None:
    for header, message in REFUSED:
        reply = await send(url, "POST /api/chat", HOST, header, body=CHAT)
        assert (reply.status, msgspec.json.decode(reply.body)) == (401, {"error": message}), header
        wrong = ', error="invalid_token"' if message == WRONG else ""
        headers = dict(reply.headers)
        assert headers["www-authenticate"] == f'Bearer realm="ollama-openai-proxy"{wrong}'
        assert headers["content-type"] == "application/json; charset=utf-8"


async def test_the_error_has_the_format_of_each_api(url: str) -> None:
    for path, schema in (
        ("/api/chat", "ErrorResponse"),
        ("/v1/chat/completions", "OpenAIErrorResponse"),
        ("/v1/messages", "AnthropicErrorResponse"),
    ):
        reply = await send(url, f"POST {path}", HOST, body=CHAT)
        document = msgspec.json.decode(reply.body)
        assert (reply.status, complaints("ollama.yaml", schema, document)) == (401, [])
        if schema == "ErrorResponse":
            assert document == {"error": MISSING}
        else:
            error = document["error"]
            assert (error["type"], error["message"]) == ("authentication_error", MISSING)


async def test_a_rejected_head_request_has_no_body(url: str) -> None:
    reply = await send(url, "HEAD /api/tags", HOST)
    assert (reply.status, reply.body) == (401, b"")


async def test_a_web_page_may_send_a_preflight_and_read_the_error(url: str) -> None:
    page = "origin: http://localhost:3000"
    wish = ("access-control-request-method: POST", "access-control-request-headers: authorization")
    assert (await send(url, "OPTIONS /api/chat", HOST, page, *wish)).status == 204
    reply = await send(url, "POST /api/chat", HOST, page, body=CHAT)
    assert reply.status == 401
    assert ("access-control-allow-origin", "http://localhost:3000") in reply.headers


@pytest.mark.parametrize("header", ["accept: text/html,*/*;q=0.8", "sec-fetch-site: same-origin"])
async def test_browsers_are_prompted_for_a_password(url: str, header: str) -> None:
    reply = await send(url, "GET /ui", HOST, header)
    assert dict(reply.headers)["www-authenticate"] == 'Basic realm="ollama-openai-proxy"'


async def test_the_error_is_sent_without_waiting_for_the_body(url: str) -> None:
    reply = await send(url, "POST /v1/audio/transcriptions", HOST, "content-length: 9999999")
    assert (reply.status, error_of(reply) != "") == (401, True)


async def test_the_official_client_sends_its_key_and_reads_the_error(
    url: str, backend: FakeTransport
) -> None:
    messages = [{"role": "user", "content": "Hi"}]
    key = {"Authorization": f"Bearer {LAPTOP}"}
    async with ollama.AsyncClient(url, headers=key) as client:
        assert (await client.chat("gpt-4o", messages)).message.content == "Hello"
        assert [model.model for model in (await client.list()).models] == ["gpt-4o:latest"]
        backend.reply("/chat/completions", stream_reply(events(chunk("Hi"), chunk(finish="stop"))))
        parts = [part async for part in await client.chat("gpt-4o", messages, stream=True)]
        assert (parts[0].message.content, parts[-1].done) == ("Hi", True)
    for headers, message in ({}, MISSING), ({"Authorization": "Bearer wrong"}, WRONG):
        async with ollama.AsyncClient(url, headers=headers) as client:
            with pytest.raises(ollama.ResponseError) as refused:
                await client.chat("gpt-4o", messages)
        assert (refused.value.status_code, refused.value.error) == (401, message)


async def test_the_official_client_reads_the_key_from_its_environment(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", PHONE)
    async with ollama.AsyncClient(url) as client:
        assert (await client.list()).models


async def test_curl_sends_the_key_from_the_url(url: str) -> None:
    for key, status in (LAPTOP, b"200"), ("wrong", b"401"):
        address = url.replace("http://", f"http://me:{key}@")
        command = ("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{address}/api/tags")
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert (await process.communicate())[0] == status


async def test_without_configured_keys_no_key_is_required(backend: FakeTransport) -> None:
    async with running(settings_with(), backend) as url:
        for headers in ((), ("authorization: Bearer anything",)):
            assert (await send(url, "GET /api/tags", HOST, *headers)).status == 200


@pytest.mark.parametrize(
    ("path", "responses"),
    [
        pytest.param(path, operation["responses"], id=operation["operationId"])
        for path, methods in load_spec("ollama.yaml")["paths"].items()
        for operation in methods.values()
        if isinstance(operation, dict) and "operationId" in operation and path not in FREE
    ],
)
def test_the_specification_documents_401_for_protected_operations(
    path: str, responses: dict[str, object]
) -> None:
    assert "401" in responses or "default" in responses, path
