"""`format`."""

from typing import Any

import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.errors import InvalidOption
from ollama_openai_proxy.profiles.dialects import DIALECTS
from ollama_openai_proxy.translator.request.response_format import (
    in_dialect,
    openai_response_format,
    with_the_word,
)
from tests.fakes.specification import complaints

JSON = openai.ResponseFormat(type="json_object")


@pytest.mark.parametrize("format_", [None, ""])
def test_no_format_is_free_text(format_: Any) -> None:
    assert openai_response_format(format_) is None


def test_json_is_an_object_of_any_form() -> None:
    assert openai_response_format("json") == JSON


@pytest.mark.parametrize("schema", [{}, {"type": "object", "properties": {"a": {}}}])
def test_an_object_is_a_schema(schema: dict[str, Any]) -> None:
    form = openai_response_format(schema)
    assert form is not None
    assert form.type == "json_schema"
    assert isinstance(form.json_schema, openai.JSONSchemaFormat)
    assert form.json_schema.schema == schema
    assert not complaints("openai.yaml", "ResponseFormat", form)


@pytest.mark.parametrize(
    ("format_", "raw"),
    [("xml", r"\"xml\""), ([], "[]"), (1, "1"), (True, "true"), ("JSON", r"\"JSON\"")],
    ids=repr,
)
def test_anything_else_is_a_500(format_: Any, raw: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        openai_response_format(format_)
    assert caught.value.status == 500
    assert caught.value.message == (
        f'invalid format: "{raw}"; expected "json" or a valid JSON Schema object'
    )


def test_a_system_message_says_json_where_no_message_does() -> None:
    system, user = with_the_word([openai.UserMessage(content="hi")], JSON)
    assert isinstance(system, openai.SystemMessage)
    assert "JSON" in system.content
    assert user == openai.UserMessage(content="hi")


def test_there_is_one_system_message_even_then() -> None:
    asked = openai.UserMessage(content="hi")
    system, user = with_the_word([openai.SystemMessage(content="Be kind."), asked], JSON)
    assert isinstance(system, openai.SystemMessage)
    assert system.content.startswith("Be kind.")
    assert "JSON" in system.content
    assert user is asked


@pytest.mark.parametrize(
    "message",
    [
        openai.SystemMessage(content="Reply in Json."),
        openai.UserMessage(content="as json please"),
        openai.UserMessage(content=[openai.TextPart(text="JSON!")]),
    ],
    ids=["system", "user", "a part"],
)
def test_a_message_that_says_json_is_enough(message: openai.ChatCompletionRequestMessage) -> None:
    assert with_the_word([message], JSON) == [message]


@pytest.mark.parametrize(
    "form", [None, openai_response_format({"type": "object"})], ids=["none", "a schema"]
)
def test_other_forms_need_no_word(form: openai.ResponseFormat | None) -> None:
    messages: list[openai.ChatCompletionRequestMessage] = [openai.UserMessage(content="hi")]
    assert with_the_word(messages, form) == [openai.UserMessage(content="hi")]


USER = openai.UserMessage(content="hi")


@pytest.mark.parametrize("dialect", ["generic", "openai", "vllm", "llamacpp", "together"])
@pytest.mark.parametrize("format_", [None, {"type": "object"}], ids=repr)
def test_most_take_a_form_as_it_is(dialect: str, format_: Any) -> None:
    form = openai_response_format(format_)
    assert in_dialect([USER], form, DIALECTS[dialect]) == ([USER], form)


def test_deepseek_is_told_the_schema_in_words() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    messages, form = in_dialect([USER], openai_response_format(schema), DIALECTS["deepseek"])
    assert form == JSON
    assert messages[1:] == [USER]
    assert isinstance(messages[0], openai.SystemMessage)
    assert str(messages[0].content).endswith(
        '{"type": "object", "properties": {"a": {"type": "string"}}}'
    )


def test_lm_studio_is_asked_for_any_object() -> None:
    messages, form = in_dialect([USER], openai_response_format("json"), DIALECTS["lmstudio"])
    assert messages == [USER]
    assert form == openai_response_format({"type": "object"})
