"""POST /api/chat → a request for the backend."""

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


def test_a_request_that_is_not_streamed_says_nothing_more_than_it_must() -> None:
    assert sent(stream=False) == {"model": "acme/m", "messages": [HI]}


@pytest.mark.parametrize("stream", [{}, {"stream": None}, {"stream": True}], ids=repr)
def test_an_answer_is_streamed_with_its_usage_unless_told_otherwise(stream: dict[str, Any]) -> None:
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
def test_what_says_nothing_is_not_sent(fields: dict[str, Any]) -> None:
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
    ids=["log probabilities", "none of the likely", "likely tokens", "depth", "options", "tools"],
)
def test_each_wish_has_its_field(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert sent(stream=False, **fields) == {"model": "acme/m", "messages": [HI], **expected}


def test_a_schema_is_passed_on() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    form = sent(format=schema)["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"]["schema"] == schema


def test_json_is_asked_for_in_a_message_too() -> None:
    document = sent(format="json")
    assert document["response_format"] == {"type": "json_object"}
    assert "JSON" in document["messages"][0]["content"]
    assert document["messages"][1] == HI


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@given(document=documents_for(SCHEMAS["ChatRequest"], SCHEMAS))
@settings(max_examples=25)
def test_whatever_is_asked_the_request_is_as_specified(dialect: str, document: Any) -> None:
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
