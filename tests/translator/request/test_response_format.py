"""Conversion of `format`."""

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
def test_no_format_means_no_response_format(format_: Any) -> None:
    assert openai_response_format(format_) is None


def test_json_becomes_json_object() -> None:
    assert openai_response_format("json") == JSON


@pytest.mark.parametrize("schema", [{}, {"type": "object", "properties": {"a": {}}}])
def test_an_object_becomes_json_schema(schema: dict[str, Any]) -> None:
    response_format = openai_response_format(schema)
    assert response_format is not None
    assert response_format.type == "json_schema"
    assert isinstance(response_format.json_schema, openai.JSONSchemaFormat)
    assert response_format.json_schema.schema == schema
    assert not complaints("openai.yaml", "ResponseFormat", response_format)


@pytest.mark.parametrize(
    ("format_", "raw"),
    [("xml", r"\"xml\""), ([], "[]"), (1, "1"), (True, "true"), ("JSON", r"\"JSON\"")],
    ids=repr,
)
def test_any_other_format_is_a_500(format_: Any, raw: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        openai_response_format(format_)
    assert caught.value.status == 500
    assert caught.value.message == (
        f'invalid format: "{raw}"; expected "json" or a valid JSON Schema object'
    )


def test_a_system_message_mentions_json_if_no_message_does() -> None:
    system, user = with_the_word([openai.UserMessage(content="hi")], JSON)
    assert isinstance(system, openai.SystemMessage)
    assert "JSON" in system.content
    assert user == openai.UserMessage(content="hi")


def test_the_instruction_is_added_to_an_existing_system_message() -> None:
    user_message = openai.UserMessage(content="hi")
    system, user = with_the_word([openai.SystemMessage(content="Be kind."), user_message], JSON)
    assert isinstance(system, openai.SystemMessage)
    assert system.content.startswith("Be kind.")
    assert "JSON" in system.content
    assert user is user_message


@pytest.mark.parametrize(
    "message",
    [
        openai.SystemMessage(content="Reply in Json."),
        openai.UserMessage(content="as json please"),
        openai.UserMessage(content=[openai.TextPart(text="JSON!")]),
    ],
    ids=["system", "user", "a part"],
)
def test_no_instruction_is_added_if_a_message_mentions_json(
    message: openai.ChatCompletionRequestMessage,
) -> None:
    assert with_the_word([message], JSON) == [message]


@pytest.mark.parametrize(
    "response_format", [None, openai_response_format({"type": "object"})], ids=["none", "a schema"]
)
def test_other_formats_need_no_instruction(response_format: openai.ResponseFormat | None) -> None:
    messages: list[openai.ChatCompletionRequestMessage] = [openai.UserMessage(content="hi")]
    assert with_the_word(messages, response_format) == [openai.UserMessage(content="hi")]


USER = openai.UserMessage(content="hi")


@pytest.mark.parametrize("dialect", ["generic", "openai", "vllm", "llamacpp", "together"])
@pytest.mark.parametrize("format_", [None, {"type": "object"}], ids=repr)
def test_most_dialects_get_the_format_unchanged(dialect: str, format_: Any) -> None:
    response_format = openai_response_format(format_)
    assert in_dialect([USER], response_format, DIALECTS[dialect]) == ([USER], response_format)


def test_deepseek_gets_the_schema_in_the_system_message() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    messages, response_format = in_dialect(
        [USER], openai_response_format(schema), DIALECTS["deepseek"]
    )
    assert response_format == JSON
    assert messages[1:] == [USER]
    assert isinstance(messages[0], openai.SystemMessage)
    assert str(messages[0].content).endswith(
        '{"type": "object", "properties": {"a": {"type": "string"}}}'
    )


def test_lm_studio_gets_a_schema_for_any_object() -> None:
    messages, response_format = in_dialect(
        [USER], openai_response_format("json"), DIALECTS["lmstudio"]
    )
    assert messages == [USER]
    assert response_format == openai_response_format({"type": "object"})
