"""Headers, credentials and bodies of forwarded requests and their responses."""

import httpx
import pytest

from ollama_openai_proxy.backend import Backend, Forward
from ollama_openai_proxy.backend.forward import answer_headers, request_headers
from tests.fakes.backends import open_backend
from tests.fakes.transport import FakeTransport, Pieces, json_reply

OWN = {
    "accept-encoding": "identity",
    "user-agent": "ollama-openai-proxy",
    "authorization": "Bearer ours",
}
KEYS = ["authorization", "x-api-key", "api-key", "x-goog-api-key"]


def sent(headers: dict[str, str], credentials: bool = False) -> dict[bytes, bytes]:
    """The headers that the backend receives if the client sends `headers`."""
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    forward = Forward("POST", "/messages", b"", pairs, b"{}", credentials)
    return {
        name.encode("latin-1"): value.encode("latin-1")
        for name, value in request_headers(forward, OWN)
    }


OURS = {name.encode(): value.encode() for name, value in OWN.items()}


@pytest.mark.parametrize(
    "name",
    [
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
        "proxy-connection", "proxy-authorization", "host", "content-length", "expect", "cookie",
        "origin", "referer", "forwarded", "via", "x-real-ip", "x-forwarded-for", "sec-fetch-mode",
        "access-control-request-method", *KEYS,
    ],
)  # fmt: skip
def test_headers_not_meant_for_the_backend_are_dropped(name: str) -> None:
    assert sent({name: "theirs", name.title(): "theirs"}) == OURS


@pytest.mark.parametrize(
    "name",
    [
        "content-type", "content-encoding", "accept", "openai-beta", "anthropic-version",
        "anthropic-beta", "x-stainless-lang", "idempotency-key", "x-request-id", "traceparent",
    ],
)  # fmt: skip
def test_other_request_headers_are_forwarded(name: str) -> None:
    assert sent({name: "theirs"}) == {name.encode(): b"theirs", **OURS}


def test_the_clients_user_agent_is_forwarded_but_not_its_accept_encoding() -> None:
    headers = sent({"user-agent": "goose/1", "accept-encoding": "gzip, br"})
    assert headers[b"user-agent"] == b"goose/1"
    assert headers[b"accept-encoding"] == b"identity"


def test_headers_named_in_connection_are_dropped() -> None:
    assert sent({"connection": "close, X-Odd", "x-odd": "1", "x-even": "2"}) == {
        b"x-even": b"2",
        **OURS,
    }
    assert answer_headers([(b"Connection", b"x-odd"), (b"X-Odd", b"1")]) == []


@pytest.mark.parametrize("name", KEYS)
def test_with_pass_through_the_clients_key_replaces_ours(name: str) -> None:
    headers = sent({name: "theirs"}, credentials=True)
    assert headers[name.encode()] == b"theirs"
    assert b"Bearer ours" not in headers.values()


def test_passwords_and_malformed_keys_are_not_forwarded() -> None:
    for value in ("Basic bWU6ay0x", "Digest a b", "Bearer a b", "Bearer caf\xe9", ""):
        headers = {"authorization": value, "x-api-key": "two words"}
        assert sent(headers, credentials=True) == OURS


def test_with_pass_through_our_key_is_used_if_the_client_sends_none() -> None:
    assert sent({}, credentials=True)[b"authorization"] == b"Bearer ours"


@pytest.mark.parametrize(
    "name",
    [
        b"Set-Cookie", b"date", b"connection", b"transfer-encoding", b"alt-svc",
        b"strict-transport-security", b"www-authenticate", b"openai-organization",
        b"Access-Control-Allow-Origin",
    ],
)  # fmt: skip
def test_headers_not_meant_for_the_client_are_dropped(name: bytes) -> None:
    assert answer_headers([(name, b"x")]) == []


@pytest.mark.parametrize(
    "name",
    [
        b"content-type", b"content-length", b"content-encoding", b"retry-after", b"x-request-id",
        b"x-ratelimit-remaining-tokens", b"openai-processing-ms", b"location",
    ],
)  # fmt: skip
def test_other_response_headers_are_returned(name: bytes) -> None:
    assert answer_headers([(name.title(), b"x")]) == [(name, b"x")]


def backend_of(transport: FakeTransport) -> Backend:
    return open_backend("http://h/v1", "sk-secret-key", transport)


async def test_a_compressed_body_is_forwarded_with_its_content_encoding() -> None:
    packed = b"\x1f\x8b not unpacked"
    transport = FakeTransport().reply(
        "/messages",
        lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Pieces(packed)),
    )
    async with backend_of(transport).forward(
        Forward("POST", "/messages", b"", [], b"{}")
    ) as response:
        assert dict(response.headers)[b"content-encoding"] == b"gzip"
        assert b"".join([piece async for piece in response]) == packed


async def test_an_error_response_is_forwarded_with_our_key_redacted() -> None:
    transport = FakeTransport().reply("/models", json_reply("bad key sk-secret-key", 401))
    async with backend_of(transport).forward(Forward("GET", "/models", b"", [], None)) as response:
        body = await response.read_redacted()
    assert (response.status, body) == (401, b'"bad key ***"')
    assert transport.requests[0].headers["authorization"] == "Bearer sk-secret-key"


async def test_a_clients_keys_are_redacted_only_from_its_own_responses() -> None:
    echoed = "sk-secret-key sk-theirs-key sk-second-key"
    transport = FakeTransport().reply("/models", json_reply(echoed, 401))
    theirs = backend_of(transport).with_keys(["sk-theirs-key", "sk-second-key"])
    async with theirs.forward(Forward("GET", "/models", b"", [], None)) as response:
        body = await response.read_redacted()
    assert body == b'"sk-secret-key *** ***"'
    assert transport.requests[0].headers["authorization"] == "Bearer sk-theirs-key"
