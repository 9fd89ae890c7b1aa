"""Validation of requests to the backend against the specification."""

import msgspec
import pytest

from ollama_openai_proxy.conformance.requests import (
    forwarded_request_violations,
    request_violations,
)

HEADERS = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "user-agent": "ollama-openai-proxy",
    "content-type": "application/json",
}
CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def found(body: object, path: str = "/v1/chat/completions", **headers: str) -> list[str]:
    sent = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return request_violations("POST", path, sent.items(), msgspec.json.encode(body))


def test_a_valid_request_has_no_violations() -> None:
    assert found(CHAT) == []
    assert found(CHAT, authorization="Bearer sk-1", x_request_id="a-1") == []
    assert found({**CHAT, "stream": True}, accept="text/event-stream") == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"top_k": None}, "$.top_k: type"),
        ({"num_ctx": 5}, "$: additionalProperties"),
        ({"tools": []}, "$.tools: minItems"),
        ({"stop": []}, "$.stop: minItems"),
        ({"messages": []}, "$.messages: minItems"),
        ({"messages": [{"role": "user", "content": []}]}, "$.messages[0].content: minItems"),
        ({"messages": [{"role": "user", "content": "a", "x": 1}]}, "$.messages[0]: additionalProperties"),
        ({"messages": [{"role": "user", "content": None}]}, "$.messages[0].content: type"),
        ({"seed": 2**63}, "$.seed: format"),
        ({"stream": True}, "accept: does not match `stream`"),
    ],
)  # fmt: skip
def test_an_invalid_body_is_reported(more: dict[str, object], expected: str) -> None:
    assert [violation.replace(" oneOf", " type") for violation in found({**CHAT, **more})] == [
        expected
    ]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"accept_encoding": "gzip"}, "accept-encoding: invalid value"),
        ({"content_type": "text/plain"}, "content-type: invalid value"),
        ({"authorization": "sk-1"}, "authorization: invalid value"),
        ({"cookie": "a=b"}, "cookie: unknown header"),
    ],
)
def test_an_invalid_or_unknown_header_is_reported(headers: dict[str, str], expected: str) -> None:
    assert found(CHAT, **headers) == [expected]


def test_an_undescribed_path_or_method_is_reported() -> None:
    assert found(CHAT, "/v1/chat") == ["path: POST /v1/chat is not in the specification"]
    assert request_violations("DELETE", "/v1/models", HEADERS.items(), b"") == [
        "path: DELETE /v1/models is not in the specification"
    ]
    assert "body: the operation has no request body" in request_violations(
        "GET", "/v1/models", HEADERS.items(), b"{}"
    )


def test_forwarded_requests_are_checked_for_path_and_headers_only() -> None:
    sent = {"accept-encoding": "identity", "user-agent": "curl/8", "x-anything": "1"}
    assert forwarded_request_violations("POST", "/v1/responses", sent.items()) == []
    assert forwarded_request_violations("GET", "/v1/models/a%2Fb", sent.items()) == []
    assert forwarded_request_violations("POST", "/v1/files", sent.items()) == [
        "path: POST /v1/files must not be forwarded"
    ]
    assert forwarded_request_violations(
        "POST", "/v1/responses", {**sent, "cookie": "a"}.items()
    ) == ["cookie: must not be forwarded"]
    assert forwarded_request_violations("POST", "/v1/responses", {}.items()) == [
        "accept-encoding: must be identity"
    ]
