"""Requests to a backend, held against the specification."""

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


def test_a_request_as_it_should_be_is_left_alone() -> None:
    assert found(CHAT) == []
    assert found(CHAT, authorization="Bearer sk-1", x_request_id="a-1") == []
    assert found({**CHAT, "stream": True}, accept="text/event-stream") == []


@pytest.mark.parametrize(
    ("more", "breach"),
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
        ({"stream": True}, "accept: is not what `stream` asks for"),
    ],
)  # fmt: skip
def test_a_body_that_is_not_as_specified_is_told(more: dict[str, object], breach: str) -> None:
    assert [one.replace(" oneOf", " type") for one in found({**CHAT, **more})] == [breach]


@pytest.mark.parametrize(
    ("headers", "breach"),
    [
        ({"accept_encoding": "gzip"}, "accept-encoding: wrong value"),
        ({"content_type": "text/plain"}, "content-type: wrong value"),
        ({"authorization": "sk-1"}, "authorization: wrong value"),
        ({"cookie": "a=b"}, "cookie: unknown header"),
    ],
)
def test_a_header_that_is_not_ours_to_send_is_told(headers: dict[str, str], breach: str) -> None:
    assert found(CHAT, **headers) == [breach]


def test_a_path_and_a_method_that_are_not_described_are_told() -> None:
    assert found(CHAT, "/v1/chat") == ["path: no POST /v1/chat"]
    assert request_violations("DELETE", "/v1/models", HEADERS.items(), b"") == [
        "path: no DELETE /v1/models"
    ]
    assert "body: none is described" in request_violations(
        "GET", "/v1/models", HEADERS.items(), b"{}"
    )


def test_what_passes_through_has_a_body_of_its_own_but_no_path_and_no_cookie() -> None:
    sent = {"accept-encoding": "identity", "user-agent": "curl/8", "x-anything": "1"}
    assert forwarded_request_violations("POST", "/v1/responses", sent.items()) == []
    assert forwarded_request_violations("GET", "/v1/models/a%2Fb", sent.items()) == []
    assert forwarded_request_violations("POST", "/v1/files", sent.items()) == [
        "path: no POST /v1/files is passed on"
    ]
    assert forwarded_request_violations(
        "POST", "/v1/responses", {**sent, "cookie": "a"}.items()
    ) == ["cookie: is not for the backend"]
    assert forwarded_request_violations("POST", "/v1/responses", {}.items()) == [
        "accept-encoding: is not identity"
    ]
