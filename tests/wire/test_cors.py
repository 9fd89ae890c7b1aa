"""CORS headers, on a real socket."""

from collections.abc import AsyncGenerator

import pytest

from ollama_openai_proxy.config.settings import read_settings
from tests.fakes.raw import send
from tests.fakes.service import running
from tests.fakes.transport import FakeTransport, events, json_reply, stream_reply

HOST = "host: localhost:11434"
PAGE = "http://localhost:3000"
ALLOW_HEADERS = (
    "Authorization,Content-Type,User-Agent,Accept,X-Requested-With,Openai-Beta,X-Stainless-Arch,"
    "X-Stainless-Async,X-Stainless-Custom-Poll-Interval,X-Stainless-Helper-Method,"
    "X-Stainless-Lang,X-Stainless-Os,X-Stainless-Package-Version,X-Stainless-Poll-Helper,"
    "X-Stainless-Retry-Count,X-Stainless-Runtime,X-Stainless-Runtime-Version,X-Stainless-Timeout"
)
PREFLIGHT = [
    ("access-control-allow-methods", "GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS"),
    ("access-control-allow-headers", ALLOW_HEADERS),
    ("access-control-max-age", "43200"),
]
VARIES = [
    ("vary", "Origin"),
    ("vary", "Access-Control-Request-Method"),
    ("vary", "Access-Control-Request-Headers"),
]
PREFLIGHT_REQUEST = [
    "access-control-request-method: POST",
    "access-control-request-headers: content-type",
]
PATHS = ["/api/chat", "/api/tags", "/v1/chat/completions", "/", "/no/such/path"]


@pytest.fixture
async def url(backend: FakeTransport) -> AsyncGenerator[str]:
    async with running(read_settings(backend_url="http://backend.test/v1"), backend) as url:
        yield url


@pytest.mark.parametrize("path", PATHS)
async def test_every_path_accepts_a_preflight(url: str, path: str) -> None:
    reply = await send(url, f"OPTIONS {path}", HOST, f"origin: {PAGE}", *PREFLIGHT_REQUEST)
    allowed = [("access-control-allow-origin", PAGE)]
    assert reply == (204, [*allowed, *PREFLIGHT, *VARIES], b"")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://[::1]:3000"])
@pytest.mark.parametrize("line", ["OPTIONS /api/chat", "GET /api/tags", "POST /api/chat", "GET /x"])
async def test_a_foreign_origin_receives_an_empty_403(url: str, line: str, origin: str) -> None:
    reply = await send(url, line, HOST, f"origin: {origin}", *PREFLIGHT_REQUEST)
    assert reply == (403, [("content-length", "0")], b"")


@pytest.mark.parametrize(
    "origin", [PAGE, "app://obsidian.md", "chrome-extension://jfgfiigpkhlkbnfnbobbkinehhfdhndo"]
)
async def test_an_allowed_origin_is_returned_in_the_response(url: str, origin: str) -> None:
    reply = await send(url, "GET /api/version", HOST, f"origin: {origin}")
    assert reply.status == 200
    assert reply.headers[-2:] == [("access-control-allow-origin", origin), ("vary", "Origin")]


async def test_errors_and_streams_also_return_the_origin(url: str, backend: FakeTransport) -> None:
    backend.reply("/chat/completions", stream_reply(events()))
    for line, body, status in [
        ("GET /nope", b"", 404),
        ("GET /api/chat", b"", 405),
        ("POST /api/chat", b"{", 400),
        ("POST /v1/chat/completions", b'{"model":"nosuch"}', 404),
        ("POST /v1/chat/completions", b'{"model":"gpt-4o","stream":true}', 200),
    ]:
        reply = await send(url, line, HOST, f"origin: {PAGE}", body=body)
        assert reply.status == status
        assert ("access-control-allow-origin", PAGE) in reply.headers


async def test_cors_headers_of_the_backend_are_not_forwarded(
    url: str, backend: FakeTransport
) -> None:
    theirs = {"access-control-allow-origin": "*", "access-control-expose-headers": "x"}
    backend.reply("/chat/completions", json_reply({}, headers=theirs))
    reply = await send(
        url, "POST /v1/chat/completions", HOST, f"origin: {PAGE}", body=b'{"model":"gpt-4o"}'
    )
    returned = [pair for pair in reply.headers if pair[0].startswith("access-control")]
    assert returned == [("access-control-allow-origin", PAGE)]
    assert "origin" not in backend.requests[-1].headers


@pytest.mark.parametrize("headers", [[], ["origin: http://localhost:11434"]])
async def test_same_origin_requests_receive_no_cors_headers(url: str, headers: list[str]) -> None:
    reply = await send(url, "GET /api/version", HOST, *headers)
    assert reply.status == 200
    assert [name for name, _ in reply.headers] == ["content-type", "content-length"]


async def test_an_asterisk_allows_every_origin(backend: FakeTransport) -> None:
    settings = read_settings(backend_url="http://backend.test/v1", origins="*")
    async with running(settings, backend) as url:
        plain = await send(url, "GET /api/version", HOST, "origin: null")
        preflight = await send(url, "OPTIONS /api/chat", HOST, "origin: http://evil.example")
    assert plain.headers[-1] == ("access-control-allow-origin", "*")
    assert preflight == (204, [("access-control-allow-origin", "*"), *PREFLIGHT], b"")
