"""Conversion of Ollama messages to OpenAI messages."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.errors import BadRequest
from ollama_openai_proxy.translator.request.messages import openai_messages, prompt_to_openai
from tests.fakes.specification import complaints

PNG = "iVBORw0KGgo="
IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}


def sent(*messages: dict[str, Any]) -> list[Any]:
    conversation = openai_messages(msgspec.convert(messages, list[ollama.Message]))
    documents: list[Any] = msgspec.json.decode(msgspec.json.encode(conversation))
    assert not [
        c
        for document in documents
        for c in complaints("openai.yaml", "ChatCompletionRequestMessage", document)
    ]
    return documents


def calls(*names: str, **rest: Any) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": [{"function": {"name": n}} for n in names], **rest}


def result(content: str, **rest: Any) -> dict[str, Any]:
    return {"role": "tool", "content": content, **rest}


def results_by_name(documents: list[Any]) -> dict[str, str]:
    """Map the function name of each call to the content of its result."""
    names = {
        call["id"]: call["function"]["name"]
        for message in documents
        for call in message.get("tool_calls", [])
    }
    return {names[m["tool_call_id"]]: m["content"] for m in documents if m["role"] == "tool"}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("user", "user"),
        ("User", "user"),
        ("system", "system"),
        ("SYSTEM", "system"),
        ("developer", "system"),
        ("assistant", "assistant"),
        ("anyone", "user"),
        ("", "user"),
        (None, "user"),
    ],
)
def test_roles_are_mapped_to_roles_that_every_backend_supports(
    role: str | None, expected: str
) -> None:
    assert sent({"role": role, "content": "hi"}) == [{"role": expected, "content": "hi"}]


@pytest.mark.parametrize("role", ["user", "system", "assistant"])
@pytest.mark.parametrize("message", [{}, {"content": None}, {"content": ""}, {"images": []}])
def test_missing_content_becomes_an_empty_string(role: str, message: dict[str, Any]) -> None:
    assert sent({"role": role, **message}) == [{"role": role, "content": ""}]


def test_earlier_reasoning_is_not_sent_back() -> None:
    message = {"role": "assistant", "content": "hi", "thinking": "hm"}
    assert sent(message) == [{"role": "assistant", "content": "hi"}]


def test_images_follow_the_text() -> None:
    [message] = sent({"role": "user", "content": "what?", "images": [PNG, PNG]})
    assert message["content"] == [{"type": "text", "text": "what?"}, IMAGE, IMAGE]


def test_images_need_no_text() -> None:
    [message] = sent({"role": "user", "images": [PNG]})
    assert message["content"] == [IMAGE]


@pytest.mark.parametrize("role", ["system", "assistant"])
def test_images_of_other_roles_move_to_a_user_message(role: str) -> None:
    first, second = sent({"role": role, "content": "hi", "images": [PNG]})
    assert first == {"role": role, "content": "hi"}
    assert second == {"role": "user", "content": [IMAGE]}


def test_images_of_a_tool_follow_the_results() -> None:
    roles = [m["role"] for m in sent(calls("f", "g"), result("1", images=[PNG]), result("2"))]
    assert roles == ["assistant", "tool", "tool", "user"]


def test_an_invalid_image_is_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="illegal base64 data at input byte 4"):
        sent({"role": "user", "images": ["data:image/png;base64,aGk="]})


def test_arguments_become_a_json_string() -> None:
    call = {"id": "x", "function": {"name": "f", "arguments": {"b": "ü", "a": [1]}}}
    [message, _] = sent({"role": "assistant", "tool_calls": [call]})
    assert message["tool_calls"] == [
        {"id": "x", "type": "function", "function": {"name": "f", "arguments": '{"b":"ü","a":[1]}'}}
    ]


@pytest.mark.parametrize("content", [{}, {"content": ""}, {"content": None}])
def test_calls_without_text_have_null_content(content: dict[str, Any]) -> None:
    assert sent(calls("f", **content))[0]["content"] is None


def test_calls_with_text_keep_the_text() -> None:
    assert sent(calls("f", content="wait"))[0]["content"] == "wait"


@pytest.mark.parametrize(
    "results",
    [
        [result("1"), result("2")],
        [result("1", tool_name="f"), result("2", tool_name="g")],
        [result("2", tool_name="g"), result("1", tool_name="f")],
        [result("2", tool_name="g"), result("1")],
        [result("1", tool_name="unknown"), result("2", tool_name="unknown")],
        [result("2", tool_call_id="id-g"), result("1", tool_call_id="id-f")],
        [result("2", tool_name="id-g"), result("1", tool_name="id-f")],
        [result("2", tool_call_id="id-g", tool_name="f"), result("1")],
    ],
    ids=[
        "by order", "by name", "by name, swapped", "by name, then order", "by order, unknown names",
        "by id", "by an id as the name", "by id before name",
    ],
)  # fmt: skip
def test_a_result_is_matched_to_its_call(results: list[dict[str, Any]]) -> None:
    message = calls("f", "g")
    for call in message["tool_calls"]:
        call["id"] = f"id-{call['function']['name']}"
    assert results_by_name(sent(message, *results)) == {"f": "1", "g": "2"}


def test_results_of_the_same_function_are_matched_in_order() -> None:
    documents = sent(calls("f", "f"), result("1", tool_name="f"), result("2", tool_name="f"))
    first, second = (call["id"] for call in documents[0]["tool_calls"])
    assert [(m["tool_call_id"], m["content"]) for m in documents[1:]] == [
        (first, "1"),
        (second, "2"),
    ]


def test_generated_call_ids_are_valid_for_mistral() -> None:
    documents = sent(calls("f"), result("1"), calls("f"), result("2"))
    ids = [m["tool_calls"][0]["id"] for m in documents if m["role"] == "assistant"]
    assert len(set(ids)) == 2
    assert all(len(id_) == 9 and id_.isalnum() for id_ in ids)


def test_generated_ids_stay_the_same_as_the_history_grows() -> None:
    history = [calls("f", "g"), result("1"), result("2"), calls("f"), result("3")]
    assert sent(*history)[:3] == sent(*history[:3])


def test_a_call_without_a_result_gets_an_empty_result() -> None:
    documents = sent(calls("f", "g"), result("1", tool_name="f"), {"role": "user", "content": "?"})
    assert results_by_name(documents) == {"f": "1", "g": ""}
    assert [m["role"] for m in documents] == ["assistant", "tool", "tool", "user"]


def test_a_result_without_a_call_becomes_a_user_message() -> None:
    [message] = sent(result("42", tool_name="f"))
    assert message["role"] == "user"
    assert "42" in message["content"]


def test_calls_without_a_function_name_are_dropped() -> None:
    message = {"role": "assistant", "content": "hi", "tool_calls": [{}, {"function": {"name": ""}}]}
    assert sent(message) == [{"role": "assistant", "content": "hi"}]


@pytest.mark.parametrize("system", [None, ""])
def test_a_prompt_becomes_a_user_message(system: str | None) -> None:
    [message] = msgspec.to_builtins(prompt_to_openai("hi", None, system or ""))
    assert message == {"role": "user", "content": "hi"}


def test_a_prompt_can_have_a_system_prompt_and_images() -> None:
    system, user = msgspec.to_builtins(prompt_to_openai("hi", [PNG], "Be kind."))
    assert system == {"role": "system", "content": "Be kind."}
    assert user == {"role": "user", "content": [{"type": "text", "text": "hi"}, IMAGE]}


NAMES = st.sampled_from(["f", "g", "", None])
IDS = st.sampled_from(["a", "b", "call00000", "", None])
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "tool", "tool", "system"])},
        optional={
            "content": st.sampled_from(["hi", "", None]),
            "tool_calls": st.lists(
                st.fixed_dictionaries(
                    {"id": IDS, "function": st.fixed_dictionaries({"name": NAMES})}
                ),
                max_size=3,
            ),
            "tool_name": NAMES,
            "tool_call_id": IDS,
        },
    ),
    max_size=8,
)


@given(MESSAGES)
@settings(max_examples=200)
def test_every_call_is_followed_by_its_results_and_every_result_has_a_call(
    messages: list[dict[str, Any]],
) -> None:
    pending: list[str] = []
    for message in sent(*messages):
        if message["role"] == "tool":
            pending.remove(message["tool_call_id"])
            continue
        assert not pending
        pending = [call["id"] for call in message.get("tool_calls", [])]
        assert len(set(pending)) == len(pending)
    assert not pending
