"""Conversion of POST /api/chat to a backend request."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.errors import ProxyError
from ollama_openai_proxy.profiles.dialects import DIALECTS
from ollama_openai_proxy.spec import load_spec
from ollama_openai_proxy.translator.chat import upstream_request
from tests.fakes.specification import complaints
from tests.fakes.values import documents_for

SCHEMAS = load_spec("ollama.yaml")["components"]["schemas"]
HI = {"role": "user", "content": "hi"}


def sent(dialect: str = "generic", **fields: Any) -> dict[str, Any]:
    request = msgspec.convert({"model": "m", "messages": [HI], **fields}, ollama.ChatRequest)
    upstream = upstream_request(request, "acme/m", DIALECTS[dialect])
    assert not complaints("openai.yaml", "CreateChatCompletionRequest", upstream)
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(upstream))
    return document


def test_a_non_streaming_request_has_only_model_and_messages() -> None:
    assert sent(stream=False) == {"model": "acme/m", "messages": [HI]}


@pytest.mark.parametrize("stream", [{}, {"stream": None}, {"stream": True}], ids=repr)
def test_streaming_with_usage_is_the_default(stream: dict[str, Any]) -> None:
    document = sent(**stream)
    assert (document["stream"], document["stream_options"]) == (True, {"include_usage": True})


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": []}, {"tools": None}, {"options": {}}, {"options": {"stop": []}}, {"format": ""},
        {"format": None}, {"think": None}, {"logprobs": False}, {"top_logprobs": 5},
        {"keep_alive": "5m"}, {"truncate": True, "shift": False}, {"_debug_render_only": False},
    ],
    ids=repr,
)  # fmt: skip
def test_empty_fields_and_fields_without_an_equivalent_are_not_sent(fields: dict[str, Any]) -> None:
    assert sent(stream=False, **fields) == {"model": "acme/m", "messages": [HI]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"logprobs": True}, {"logprobs": True}),
        ({"logprobs": True, "top_logprobs": 0}, {"logprobs": True}),
        ({"logprobs": True, "top_logprobs": 3}, {"logprobs": True, "top_logprobs": 3}),
        ({"think": "low"}, {"reasoning_effort": "low"}),
        ({"options": {"num_predict": 5, "seed": 1}}, {"max_tokens": 5, "seed": 1}),
        (
            {"tools": [{"type": "function", "function": {"name": "f"}}]},
            {"tools": [{"type": "function", "function": {"name": "f"}}]},
        ),
    ],
    ids=["logprobs", "top_logprobs 0", "top_logprobs 3", "think", "options", "tools"],
)
def test_each_field_has_an_openai_equivalent(
    fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert sent(stream=False, **fields) == {"model": "acme/m", "messages": [HI], **expected}


def test_a_json_schema_is_forwarded() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    response_format = sent(format=schema)["response_format"]
    assert response_format["type"] == "json_schema"
    assert response_format["json_schema"]["schema"] == schema


def test_json_format_adds_an_instruction_to_the_messages() -> None:
    document = sent(format="json")
    assert document["response_format"] == {"type": "json_object"}
    assert "JSON" in document["messages"][0]["content"]
    assert document["messages"][1] == HI


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@given(document=documents_for(SCHEMAS["ChatRequest"], SCHEMAS))
@settings(max_examples=25)
def test_any_request_matches_the_specification(dialect: str, document: Any) -> None:
    try:
        request = msgspec.convert(document, ollama.ChatRequest)
    except msgspec.ValidationError:
        return
    request.messages = request.messages or [ollama.Message(role="user", content="hi")]
    try:
        upstream = upstream_request(request, "acme/m", DIALECTS[dialect])
    except ProxyError:
        return
    assert not complaints("openai.yaml", "CreateChatCompletionRequest", upstream)
