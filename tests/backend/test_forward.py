"""Which headers go along with what passes through, and where it goes."""

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
    """What the backend gets of these headers."""
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
def test_what_is_not_for_the_backend_stays_here(name: str) -> None:
    assert sent({name: "theirs", name.title(): "theirs"}) == OURS


@pytest.mark.parametrize(
    "name",
    [
        "content-type", "content-encoding", "accept", "openai-beta", "anthropic-version",
        "anthropic-beta", "x-stainless-lang", "idempotency-key", "x-request-id", "traceparent",
    ],
)  # fmt: skip
def test_all_else_goes_along(name: str) -> None:
    assert sent({name: "theirs"}) == {name.encode(): b"theirs", **OURS}


def test_the_client_names_itself_but_the_encoding_is_ours() -> None:
    headers = sent({"user-agent": "goose/1", "accept-encoding": "gzip, br"})
    assert headers[b"user-agent"] == b"goose/1"
    assert headers[b"accept-encoding"] == b"identity"


def test_what_the_connection_header_names_is_of_the_connection() -> None:
    assert sent({"connection": "close, X-Odd", "x-odd": "1", "x-even": "2"}) == {
        b"x-even": b"2",
        **OURS,
    }
    assert answer_headers([(b"Connection", b"x-odd"), (b"X-Odd", b"1")]) == []


@pytest.mark.parametrize("name", KEYS)
def test_a_key_of_the_clients_takes_the_place_of_ours_where_it_may(name: str) -> None:
    headers = sent({name: "theirs"}, credentials=True)
    assert headers[name.encode()] == b"theirs"
    assert b"Bearer ours" not in headers.values()


def test_a_password_is_no_header_for_the_backend_and_what_is_no_key_none_either() -> None:
    for value in ("Basic bWU6ay0x", "Digest a b", "Bearer a b", "Bearer caf\xe9", ""):
        headers = {"authorization": value, "x-api-key": "two words"}
        assert sent(headers, credentials=True) == OURS


def test_where_it_may_but_has_none_ours_is_used() -> None:
    assert sent({}, credentials=True)[b"authorization"] == b"Bearer ours"


@pytest.mark.parametrize(
    "name",
    [
        b"Set-Cookie", b"date", b"connection", b"transfer-encoding", b"alt-svc",
        b"strict-transport-security", b"www-authenticate", b"openai-organization",
        b"Access-Control-Allow-Origin",
    ],
)  # fmt: skip
def test_what_is_not_for_the_client_stays_here(name: bytes) -> None:
    assert answer_headers([(name, b"x")]) == []


@pytest.mark.parametrize(
    "name",
    [
        b"content-type", b"content-length", b"content-encoding", b"retry-after", b"x-request-id",
        b"x-ratelimit-remaining-tokens", b"openai-processing-ms", b"location",
    ],
)  # fmt: skip
def test_all_else_comes_back(name: bytes) -> None:
    assert answer_headers([(name.title(), b"x")]) == [(name, b"x")]


def backend_of(transport: FakeTransport) -> Backend:
    return open_backend("http://h/v1", "sk-secret-key", transport)


async def test_packed_bytes_stay_packed_and_are_called_so() -> None:
    packed = b"\x1f\x8b not unpacked"
    transport = FakeTransport().reply(
        "/messages",
        lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Pieces(packed)),
    )
    async with backend_of(transport).forward(
        Forward("POST", "/messages", b"", [], b"{}")
    ) as answer:
        assert dict(answer.headers)[b"content-encoding"] == b"gzip"
        assert b"".join([piece async for piece in answer]) == packed


async def test_a_refusal_is_an_answer_like_any_other_without_our_key() -> None:
    transport = FakeTransport().reply("/models", json_reply("bad key sk-secret-key", 401))
    async with backend_of(transport).forward(Forward("GET", "/models", b"", [], None)) as answer:
        body = await answer.read_redacted()
    assert (answer.status, body) == (401, b'"bad key ***"')
    assert transport.requests[0].headers["authorization"] == "Bearer sk-secret-key"


async def test_a_clients_keys_are_struck_out_of_its_own_answers_alone() -> None:
    said = "sk-secret-key sk-theirs-key sk-second-key"
    transport = FakeTransport().reply("/models", json_reply(said, 401))
    theirs = backend_of(transport).with_keys(["sk-theirs-key", "sk-second-key"])
    async with theirs.forward(Forward("GET", "/models", b"", [], None)) as answer:
        body = await answer.read_redacted()
    assert body == b'"sk-secret-key *** ***"'
    assert transport.requests[0].headers["authorization"] == "Bearer sk-theirs-key"
