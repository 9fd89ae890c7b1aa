"""Error responses of the backend: the status, message and headers that the client receives."""

from typing import Any

import msgspec
import pytest

from ollama_openai_proxy.backend_errors import refusal, title_of


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (400, 400), (401, 401), (402, 403), (403, 403), (404, 404), (405, 501), (408, 504),
        (409, 503), (413, 413), (422, 400), (424, 502), (425, 429), (429, 429), (498, 503),
        (500, 500), (501, 501), (502, 502), (503, 503), (504, 504), (520, 502), (522, 502),
        (524, 502), (529, 503), (302, 502), (307, 502), (415, 400), (418, 400), (451, 400), (507, 502),
    ],
)  # fmt: skip
def test_a_backend_status_maps_to_one_that_ollama_clients_know(theirs: int, ours: int) -> None:
    assert refusal(theirs, b"", "").status == ours


def _error(message: str, **rest: Any) -> dict[str, Any]:
    return {"error": {"message": message, **rest}}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            _error("no such model", type="x", param=None, code=None), "no such model", id="openai"
        ),
        pytest.param(_error("bad field", code=400, type="BadRequestError"), "bad field", id="vllm"),
        pytest.param(
            {"object": "error", "message": "bad field", "code": 400}, "bad field", id="old-vllm"
        ),
        pytest.param({"detail": "Not authenticated"}, "Not authenticated", id="fastapi"),
        pytest.param(
            {"detail": [{"loc": ["body", "top_k"], "msg": "Extra inputs are not permitted"}]},
            "body.top_k: Extra inputs are not permitted",
            id="pydantic",
        ),
        pytest.param(
            {"object": "error", "message": {"detail": [{"loc": ["body"], "msg": "bad"}]}},
            "body: bad",
            id="mistral",
        ),
        pytest.param(_error("Loading model", code=503), "Loading model", id="llama-cpp"),
        pytest.param(
            {"error": "too long", "error_type": "validation"}, "too long", id="tgi-and-ollama"
        ),
        pytest.param({"code": "Client error", "error": "bad key"}, "bad key", id="xai"),
        pytest.param([_error("bad model", code=400)], "bad model", id="gemini"),
        pytest.param(
            _error("Provider returned error", metadata={"raw": "out of memory"}),
            "Provider returned error: out of memory",
            id="openrouter",
        ),
        pytest.param({"statusCode": 401, "message": "no access"}, "no access", id="azure-gateway"),
    ],
)
def test_the_message_is_found_in_every_error_format(body: Any, message: str) -> None:
    assert refusal(400, msgspec.json.encode(body), "Bad Request").message == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"", "the backend returned 502 Bad Gateway", id="no-body"),
        pytest.param(
            b"<html><head><title>502 Bad\n Gateway</title></head></html>",
            "502 Bad Gateway",
            id="html",
        ),
        pytest.param(b"<html>", "the backend returned 502 Bad Gateway", id="html-without-title"),
        pytest.param(b"upstream  gone\n", "upstream gone", id="plain-text"),
        pytest.param(b"{}", "the backend returned 502 Bad Gateway", id="empty-object"),
        pytest.param(b'{"error":null}', "the backend returned 502 Bad Gateway", id="null-error"),
        pytest.param(b"[]", "the backend returned 502 Bad Gateway", id="empty-array"),
        pytest.param(b"5", "the backend returned 502 Bad Gateway", id="a-number"),
        pytest.param(b"[" * 100_000, None, id="deep-nesting"),
        pytest.param(b"\xff\xfe", None, id="binary"),
        pytest.param(b'{"error":{"message":"\xff"}}', None, id="invalid-utf-8"),
    ],
)
def test_any_other_body_results_in_a_message(body: bytes, message: str | None) -> None:
    shown = refusal(502, body, "Bad Gateway").message
    assert message in (None, shown)
    assert 0 < len(shown) <= 300


def test_a_status_without_a_reason_phrase_leaves_no_trailing_space() -> None:
    assert refusal(599, b"", "").message == "the backend returned 599"


def test_retry_after_is_forwarded() -> None:
    assert refusal(429, b"", "", {"retry-after": "20"}).headers == {"retry-after": "20"}
    assert refusal(503, b"", "").headers == {}


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (b"<HTML><TITLE> Sign  in </TITLE>", "Sign in"),
        (b"<title>never closed", "never closed"),
        (b"<title></title>", None),
        (b"plain", "plain"),
        (b"  ", None),
    ],
)
def test_the_message_for_an_html_page_is_its_title(body: bytes, title: str | None) -> None:
    assert title_of(body) == title


@pytest.mark.parametrize(
    "name", ["x-request-id", "apim-request-id", "mistral-correlation-id", "x-generation-id"]
)
def test_the_providers_request_id_is_kept(name: str) -> None:
    refused = refusal(500, b"", "", {name: "req-1", "set-cookie": "a=b"})
    assert refused.headers == {"x-request-id": "req-1"}
