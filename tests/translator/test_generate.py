"""Conversion of POST /api/generate to a backend request."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.errors import InvalidOption, ProxyError
from ollama_openai_proxy.profiles.dialects import DIALECTS
from ollama_openai_proxy.spec import load_spec
from ollama_openai_proxy.translator.context import Conversation, pack
from ollama_openai_proxy.translator.generate import completion_reader, earlier, upstream_request
from tests.fakes.specification import complaints
from tests.fakes.transport import chunk
from tests.fakes.values import documents_for
from tests.translator.completions import streamed, summary

SCHEMAS = load_spec("ollama.yaml")["components"]["schemas"]
PNG = "iVBORw0KGgo="


def sent(**fields: Any) -> dict[str, Any]:
    request = msgspec.convert({"model": "m", "prompt": "hi", **fields}, ollama.GenerateRequest)
    upstream = upstream_request(request, earlier(request), "acme/m", DIALECTS["generic"])
    assert not complaints("openai.yaml", "CreateChatCompletionRequest", upstream)
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(upstream))
    return document


def test_a_prompt_becomes_one_user_message() -> None:
    document = {"model": "acme/m", "messages": [{"role": "user", "content": "hi"}]}
    assert sent(stream=False) == document


def test_a_system_prompt_comes_first() -> None:
    assert [m["role"] for m in sent(system="Be kind.")["messages"]] == ["system", "user"]


def test_context_becomes_the_earlier_messages() -> None:
    context = pack(Conversation("Be kind.", (("a", "b"), ("c", "d"))))
    messages = sent(context=context)["messages"]
    assert [message["content"] for message in messages] == ["Be kind.", "a", "b", "c", "d", "hi"]
    roles = ["system", "user", "assistant", "user", "assistant", "user"]
    assert [message["role"] for message in messages] == roles


def test_the_system_prompt_of_the_request_replaces_the_one_in_context() -> None:
    context = pack(Conversation("Be kind.", (("a", "b"),)))
    messages = sent(context=context, system="Be brief.")["messages"]
    assert [message["content"] for message in messages] == ["Be brief.", "a", "b", "hi"]


@pytest.mark.parametrize(
    ("fields", "thinking", "text"),
    [
        ({}, "a", "b"),
        ({"think": True}, "a", "b"),
        ({"think": False}, "", "<think>a</think>b"),
        ({"raw": True}, "", "<think>a</think>b"),
        ({"suffix": "x"}, "", "<think>a</think>b"),
    ],
    ids=repr,
)
def test_think_tags_are_parsed_except_with_think_false_raw_or_suffix(
    fields: dict[str, Any], thinking: str, text: str
) -> None:
    request = msgspec.convert({"model": "m", "prompt": "hi", **fields}, ollama.GenerateRequest)
    reader = completion_reader(request, DIALECTS["generic"])
    parts = streamed(chunk("<think>a</think>b", finish="stop"), reader=reader)
    assert summary(parts) == (text, thinking, [])


def test_images_are_parts_of_the_prompt_message() -> None:
    [message] = sent(images=[PNG])["messages"]
    assert [part["type"] for part in message["content"]] == ["text", "image_url"]


@pytest.mark.parametrize(
    "fields",
    [
        {"context": [1, 2]}, {"template": ""}, {"suffix": ""}, {"raw": False}, {"images": []},
        {"system": ""}, {"keep_alive": 0}, {"options": None},
    ],
    ids=repr,
)  # fmt: skip
def test_ignored_and_empty_fields_do_not_change_the_request(fields: dict[str, Any]) -> None:
    assert sent(**fields) == sent()


def test_options_are_converted_as_for_chat() -> None:
    document = sent(format="json", think="high", logprobs=True, options={"num_predict": 5})
    assert document["response_format"] == {"type": "json_object"}
    assert document["reasoning_effort"] == "high"
    assert document["logprobs"] is True
    assert document["max_tokens"] == 5
    assert document["stream"] is True


def test_an_invalid_format_is_rejected() -> None:
    with pytest.raises(InvalidOption):
        sent(format="xml")


@given(documents_for(SCHEMAS["GenerateRequest"], SCHEMAS), st.sampled_from(sorted(DIALECTS)))
@settings(max_examples=100)
def test_any_request_matches_the_specification(document: Any, dialect: str) -> None:
    try:
        request = msgspec.convert(document, ollama.GenerateRequest)
        upstream = upstream_request(request, earlier(request), "acme/m", DIALECTS[dialect])
    except (msgspec.ValidationError, ProxyError):
        return
    assert not complaints("openai.yaml", "CreateChatCompletionRequest", upstream)
