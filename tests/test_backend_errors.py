"""Error messages and statuses extracted from the error bodies of all backends."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ollama_openai_proxy.backend_errors import client_status, error_message, error_status, masked
from ollama_openai_proxy.spec import load_spec
from tests.fakes.values import SCALARS, VALUES

TEXT = "no such thing"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": TEXT, "type": "x", "param": None, "code": None}}, TEXT),
        ({"error": {"message": TEXT, "type": "BadRequestError", "code": 400}}, TEXT),
        ({"object": "error", "message": TEXT, "type": "BadRequestError", "code": 400}, TEXT),
        (
            {"object": "error", "message": {"detail": [{"loc": ["body", "n"], "msg": TEXT}]}},
            f"body.n: {TEXT}",
        ),
        ({"detail": TEXT}, TEXT),
        (
            {"detail": [{"type": "t", "loc": ["body", "messages", 0], "msg": TEXT}, {"msg": "b"}]},
            f"body.messages.0: {TEXT}; b",
        ),
        ({"detail": [{"loc": "body", "msg": TEXT}]}, f"body: {TEXT}"),
        ({"detail": [{"loc": None, "msg": TEXT}]}, TEXT),
        ({"error": {"code": 400, "message": TEXT, "n_ctx": 5}}, TEXT),
        ({"error": TEXT, "error_type": "validation"}, TEXT),
        ({"code": "Client specified an invalid argument", "error": TEXT}, TEXT),
        ([{"error": {"code": 400, "message": TEXT, "status": "INVALID_ARGUMENT"}}], TEXT),
        ({"error": {"code": 400, "message": TEXT, "metadata": {"raw": "x"}}, "user_id": "u"}, TEXT),
        (
            {"error": {"message": "Provider returned error", "metadata": {"raw": TEXT}}},
            f"Provider returned error: {TEXT}",
        ),
        ({"error": {"message": f"litellm.X: {TEXT}", "code": "400"}}, f"litellm.X: {TEXT}"),
        ({"error": {"message": TEXT, "innererror": {"code": "Y"}, "code": "content_filter"}}, TEXT),
        ({"statusCode": 401, "message": TEXT}, TEXT),
        ({"error_type": "x", "error_message": TEXT, "choices": None}, TEXT),
        ({"code": "Throttled", "message": TEXT}, TEXT),
        ({"errors": [{"message": TEXT}]}, TEXT),
        ({"msg": TEXT}, TEXT),
        ({"message": {"odd": 1}}, '{"odd": 1}'),
        (TEXT, TEXT),
    ],
    ids=[
        "OpenAI", "vLLM", "old vLLM and SGLang", "Mistral", "FastAPI, a string",
        "FastAPI, locations", "location is a string", "location is null", "llama.cpp", "TGI", "xAI",
        "Gemini", "OpenRouter", "OpenRouter with a cause", "LiteLLM", "Azure", "Azure's gateway",
        "Venice", "DashScope", "a list of errors", "msg", "message is an object", "a JSON string",
    ],
)  # fmt: skip
def test_the_message_is_found_in_every_error_format(body: Any, message: str) -> None:
    assert error_message(body) == message


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        [],
        "",
        "  ",
        5,
        {"error": None},
        {"error": {}},
        {"error": {"code": 1}},
        {"id": "x"},
    ],
    ids=repr,
)
def test_a_body_without_a_message_returns_none(body: Any) -> None:
    assert error_message(body) is None


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-abcdef123456.",
        "invalid gsk_abcdef123456",
        "bad header Bearer abc.def.ghi",
        "sk-proj-abc_def-123****wxyz is wrong",
    ],
)
def test_a_key_is_masked(text: str) -> None:
    assert "***" in masked(text)
    assert not {"abcdef123456", "abc.def.ghi", "wxyz"} & {*masked(text).replace(".", " ").split()}
    assert "abc" not in masked(text)


@pytest.mark.parametrize("text", ["the task is big", "a risk-free key", "skip the keyboard"])
def test_ordinary_words_are_not_masked(text: str) -> None:
    assert masked(text) == text


def test_a_very_long_message_is_truncated() -> None:
    assert len(error_message({"error": "x" * 100_000}) or "") < 10_000


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"code": 404}, 404),
        ({"code": "429"}, 429),
        ({"http_status_code": 422}, 400),
        ({"status": 503}, 503),
        ({"code": "model_not_found"}, None),
        ({"code": None}, None),
        ({"code": 1}, None),
        ({"code": 200}, None),
        ({"code": "9" * 5000}, None),
        ("text", None),
        (None, None),
    ],
    ids=[
        "a number", "digits", "TGI", "status", "a word", "null", "too small", "a success",
        "too many digits", "a string", "None",
    ],
)  # fmt: skip
def test_the_status_is_read_from_the_error_object(error: Any, status: int | None) -> None:
    assert error_status(error) == status


@pytest.mark.parametrize("operation", ["/api/chat", "/api/generate", "/api/embed"])
def test_every_backend_status_maps_to_one_in_the_specification(operation: str) -> None:
    described = {
        int(status) for status in load_spec("ollama.yaml")["paths"][operation]["post"]["responses"]
    }
    assert {client_status(status) for status in (*range(100, 200), *range(300, 1000))} <= described


def test_a_deeply_nested_body_has_no_message() -> None:
    assert error_message(msgspec.json.decode(b"[" * 900 + b"]" * 900)) is None


FIELDS = [
    "error",
    "message",
    "detail",
    "error_message",
    "msg",
    "loc",
    "errors",
    "metadata",
    "raw",
    "code",
]
BODIES = st.recursive(
    SCALARS | st.just("Provider returned error"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(BODIES | VALUES)
@settings(max_examples=200)
def test_any_body_is_handled_without_an_exception(body: Any) -> None:
    message = error_message(body)
    assert message is None or message.encode()
    assert error_status(body) in {None, *range(400, 600)}
