"""Errors of the proxy in the format of each API."""

import msgspec
import pytest

from ollama_openai_proxy.errors import BackendRefused, BackendTimeout, BadRequest, ProxyError
from ollama_openai_proxy.web.error_format import (
    ANTHROPIC,
    OLLAMA,
    OPENAI,
    ErrorFormat,
    error_format_of,
)
from tests.fakes.specification import complaints
from tests.web.test_responses import sent


@pytest.mark.parametrize(
    ("failure", "status", "headers"),
    [
        (ProxyError("why"), 500, {}),
        (BadRequest("why"), 400, {}),
        (BackendTimeout("why"), 504, {}),
        (BackendRefused("why", 429, {"retry-after": "7"}), 429, {b"retry-after": b"7"}),
    ],
)
@pytest.mark.parametrize("envelope", [OLLAMA, OPENAI, ANTHROPIC])
async def test_an_error_has_its_status_and_headers_in_every_format(
    envelope: ErrorFormat, failure: ProxyError, status: int, headers: dict[bytes, bytes]
) -> None:
    start, body = await sent(envelope.response(failure))
    assert start["status"] == status
    assert headers.items() <= dict(start["headers"]).items()
    assert dict(start["headers"])[b"content-type"] == b"application/json; charset=utf-8"
    assert b'"why"' in body["body"]


@pytest.mark.parametrize(
    ("envelope", "status", "body"),
    [
        (OLLAMA, 404, b'{"error":"why"}'),
        (
            OPENAI,
            404,
            b'{"error":{"message":"why","type":"not_found_error","param":null,"code":null}}',
        ),
        (
            OPENAI,
            400,
            b'{"error":{"message":"why","type":"invalid_request_error","param":null,"code":null}}',
        ),
        (
            OPENAI,
            401,
            b'{"error":{"message":"why","type":"authentication_error","param":null,"code":null}}',
        ),
        (OPENAI, 502, b'{"error":{"message":"why","type":"api_error","param":null,"code":null}}'),
        (
            ANTHROPIC,
            404,
            b'{"type":"error","error":{"type":"not_found_error","message":"why"}}',
        ),
        (ANTHROPIC, 504, b'{"type":"error","error":{"type":"api_error","message":"why"}}'),
    ],
)
async def test_each_format_is_exact(envelope: ErrorFormat, status: int, body: bytes) -> None:
    assert envelope.response(BackendRefused("why", status)).body == body


@pytest.mark.parametrize(
    ("envelope", "schema"),
    [
        (OLLAMA, "ErrorResponse"),
        (OPENAI, "OpenAIErrorResponse"),
        (ANTHROPIC, "AnthropicErrorResponse"),
    ],
)
def test_each_format_matches_the_specification(envelope: ErrorFormat, schema: str) -> None:
    document = msgspec.json.decode(envelope.response(BadRequest("why")).body)
    assert complaints("ollama.yaml", schema, document) == []


def test_the_last_event_of_a_stream_has_the_error_and_a_name_for_anthropic() -> None:
    failure = BackendTimeout("why")
    assert OPENAI.last_event(failure) == b"data: " + OPENAI.response(failure).body + b"\n\n"
    assert ANTHROPIC.last_event(failure) == (
        b"event: error\ndata: " + ANTHROPIC.response(failure).body + b"\n\n"
    )


@pytest.mark.parametrize(
    ("path", "envelope"),
    [
        ("/v1/messages", ANTHROPIC),
        ("/v1/messages/count_tokens", ANTHROPIC),
        ("/v1/chat/completions", OPENAI),
        ("/v1/nope", OPENAI),
        ("/v1", OLLAMA),
        ("/api/chat", OLLAMA),
        ("/", OLLAMA),
        ("", OLLAMA),
    ],
)
def test_the_path_selects_the_error_format(path: str, envelope: ErrorFormat) -> None:
    assert error_format_of(path) is envelope
