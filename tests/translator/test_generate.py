"""POST /api/generate → a request for the backend."""

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
from tests.translator.answers import streamed, summary

SCHEMAS = load_spec("ollama.yaml")["components"]["schemas"]
PNG = "iVBORw0KGgo="


def sent(**fields: Any) -> dict[str, Any]:
    request = msgspec.convert({"model": "m", "prompt": "hi", **fields}, ollama.GenerateRequest)
    upstream = upstream_request(request, earlier(request), "acme/m", DIALECTS["generic"])
    assert not complaints("openai.yaml", "CreateChatCompletionRequest", upstream)
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(upstream))
    return document


def test_a_prompt_is_a_conversation_of_one_message() -> None:
    document = {"model": "acme/m", "messages": [{"role": "user", "content": "hi"}]}
    assert sent(stream=False) == document


def test_a_system_prompt_comes_first() -> None:
    assert [m["role"] for m in sent(system="Be kind.")["messages"]] == ["system", "user"]


def test_a_context_of_ours_is_what_was_said_before() -> None:
    said = pack(Conversation("Be kind.", (("a", "b"), ("c", "d"))))
    messages = sent(context=said)["messages"]
    assert [message["content"] for message in messages] == ["Be kind.", "a", "b", "c", "d", "hi"]
    roles = ["system", "user", "assistant", "user", "assistant", "user"]
    assert [message["role"] for message in messages] == roles


def test_the_system_prompt_of_a_request_takes_the_place_of_the_one_before() -> None:
    said = pack(Conversation("Be kind.", (("a", "b"),)))
    messages = sent(context=said, system="Be brief.")["messages"]
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
def test_thoughts_in_tags_are_told_apart_unless_all_is_wanted_as_it_is(
    fields: dict[str, Any], thinking: str, text: str
) -> None:
    request = msgspec.convert({"model": "m", "prompt": "hi", **fields}, ollama.GenerateRequest)
    turn = completion_reader(request, DIALECTS["generic"])
    parts = streamed(chunk("<think>a</think>b", finish="stop"), turn=turn)
    assert summary(parts) == (text, thinking, [])


def test_pictures_belong_to_the_prompt() -> None:
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
def test_what_says_nothing_is_not_sent(fields: dict[str, Any]) -> None:
    assert sent(**fields) == sent()


def test_wishes_are_those_of_a_chat() -> None:
    document = sent(format="json", think="high", logprobs=True, options={"num_predict": 5})
    assert document["response_format"] == {"type": "json_object"}
    assert document["reasoning_effort"] == "high"
    assert document["logprobs"] is True
    assert document["max_tokens"] == 5
    assert document["stream"] is True


def test_a_form_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidOption):
        sent(format="xml")


@given(documents_for(SCHEMAS["GenerateRequest"], SCHEMAS), st.sampled_from(sorted(DIALECTS)))
@settings(max_examples=100)
def test_whatever_is_asked_the_request_is_as_specified(document: Any, dialect: str) -> None:
    try:
        request = msgspec.convert(document, ollama.GenerateRequest)
        upstream = upstream_request(request, earlier(request), "acme/m", DIALECTS[dialect])
    except (msgspec.ValidationError, ProxyError):
        return
    assert not complaints("openai.yaml", "CreateChatCompletionRequest", upstream)
