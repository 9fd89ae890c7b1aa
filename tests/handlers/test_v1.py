"""Forwarding of backend responses to the client."""

import httpx
import pytest

from ollama_openai_proxy.backend import Exchange
from ollama_openai_proxy.config.settings import read_settings
from ollama_openai_proxy.errors import BackendTimeout, BackendUnreachable
from ollama_openai_proxy.handlers.v1 import V1_HANDLERS, ForwardedResponse
from ollama_openai_proxy.spec import load_spec
from ollama_openai_proxy.telemetry.request_metrics import unobserved
from ollama_openai_proxy.web.error_format import OPENAI
from ollama_openai_proxy.web.responses import WholeResponse
from tests.fakes.client import client_of
from tests.fakes.exchange import ScriptedResponse, exchange
from tests.fakes.transport import FakeTransport, json_reply
from tests.web.test_responses import sent

EVENTS = [(b"content-type", b"Text/Event-Stream; charset=utf-8")]
EVENT = b'data: {"a":1}\n\n'
END = OPENAI.last_event(BackendTimeout("why"))


def opened(status: int, headers: list[tuple[bytes, bytes]], *chunks: bytes | Exception) -> Exchange:
    return exchange(ScriptedResponse(status, headers, chunks))


def forwarded(source: Exchange, fallback: WholeResponse | None = None) -> ForwardedResponse:
    return ForwardedResponse(source, OPENAI, unobserved(), fallback)


async def test_chunks_are_sent_without_buffering_and_the_end_is_marked() -> None:
    start, *parts = await sent(forwarded(opened(200, [(b"a", b"b")], b"1", b"2")))
    assert (start["status"], start["headers"]) == (200, [(b"a", b"b")])
    assert [(part["body"], part.get("more_body", False)) for part in parts] == [
        (b"1", True),
        (b"2", True),
        (b"", False),
    ]


@pytest.mark.parametrize(
    "chunks",
    [(), (EVENT,), (EVENT[:5], EVENT[5:-1], b"\n"), (b"data: x\r\n\r\n",), (b": ping\n", b"\n")],
)
async def test_a_stream_broken_between_events_ends_with_an_error_event(
    chunks: tuple[bytes, ...],
) -> None:
    broken = opened(200, EVENTS, *chunks, BackendTimeout("why"))
    _, *parts = await sent(forwarded(broken))
    assert b"".join(part["body"] for part in parts) == b"".join(chunks) + END
    assert not parts[-1].get("more_body")


@pytest.mark.parametrize(
    ("headers", "chunks"),
    [
        pytest.param(EVENTS, (EVENT, b"data: {"), id="in-the-middle-of-an-event"),
        pytest.param([(b"content-type", b"application/json")], (b"{",), id="json"),
        pytest.param([], (b"x",), id="no-content-type"),
        pytest.param([*EVENTS, (b"content-length", b"99")], (EVENT,), id="known-length"),
        pytest.param([*EVENTS, (b"content-encoding", b"gzip")], (EVENT,), id="compressed"),
    ],
)
@pytest.mark.parametrize("failure", [BackendTimeout("why"), RuntimeError("why")])
async def test_other_broken_responses_are_left_incomplete(
    headers: list[tuple[bytes, bytes]], chunks: tuple[bytes, ...], failure: Exception
) -> None:
    _, *parts = await sent(forwarded(opened(200, headers, *chunks, failure)))
    assert [part["body"] for part in parts] == list(chunks)
    assert parts[-1]["more_body"]


async def test_an_error_before_the_status_is_raised() -> None:
    with pytest.raises(BackendUnreachable):
        await sent(forwarded(exchange(BackendUnreachable("why"))))


@pytest.mark.parametrize(("status", "expected"), [(404, b"ours"), (405, b"ours"), (501, b"ours")])
async def test_the_fallback_response_is_sent_if_the_backend_lacks_the_operation(
    status: int, expected: bytes
) -> None:
    _, part = await sent(forwarded(opened(status, [], b"theirs"), WholeResponse(b"ours")))
    assert part["body"] == expected


@pytest.mark.parametrize("status", [200, 400, 401, 500])
async def test_the_fallback_response_is_not_sent_for_other_statuses(status: int) -> None:
    start, part, *_ = await sent(forwarded(opened(status, [], b"theirs"), WholeResponse(b"ours")))
    assert (start["status"], part["body"]) == (status, b"theirs")


@pytest.mark.parametrize(
    ("pass_through", "headers", "expected"),
    [
        (False, {"authorization": "Bearer default-key"}, "Bearer sk-ours"),
        (False, {}, "Bearer sk-ours"),
        (True, {"authorization": "Bearer theirs"}, "Bearer theirs"),
        (True, {"x-api-key": "theirs"}, None),
        (True, {}, "Bearer sk-ours"),
    ],
)
async def test_pass_through_key_decides_which_key_is_sent(
    backend: FakeTransport, pass_through: bool, headers: dict[str, str], expected: str | None
) -> None:
    backend.reply("/messages", json_reply({}))
    settings = read_settings(
        backend_url="http://backend.test/v1", backend_key="sk-ours", pass_through_key=pass_through
    )
    async with client_of(settings, backend) as client:
        await client.post("/v1/messages", json={"model": "gpt-4o"}, headers=headers)
    request: httpx.Request = backend.requests[-1]
    assert request.headers.get("authorization") == expected
    assert request.headers.get("x-api-key") == (headers.get("x-api-key") if pass_through else None)


@pytest.mark.parametrize(
    ("name", "responses"),
    [
        pytest.param(operation["operationId"], operation["responses"], id=f"{verb} {path}")
        for path, methods in load_spec("ollama.yaml")["paths"].items()
        for verb, operation in methods.items()
        if path.startswith("/v1/")
    ],
)
def test_forwarded_operations_specify_their_success_response(
    name: str, responses: dict[str, dict[str, object]]
) -> None:
    assert name in V1_HANDLERS
    assert "application/json" in str(responses["200"]["content"])
