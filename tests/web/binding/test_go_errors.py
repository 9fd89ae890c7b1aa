"""Error messages for values of the wrong type, as Go's decoder writes them."""

from typing import Any

import msgspec
import pytest

from ollama_openai_proxy.errors import BadRequest, InvalidOption
from tests.binding.binders import BINDERS

_STRUCT = "json: cannot unmarshal {} into Go struct field {} of type {}"


def error_message(operation: str, document: Any) -> str:
    with pytest.raises(BadRequest) as caught:
        BINDERS[operation].decode(msgspec.json.encode(document))
    return caught.value.message


@pytest.mark.parametrize(
    ("operation", "go_type"),
    [
        ("chat", "api.ChatRequest"),
        ("generate", "api.GenerateRequest"),
        ("embed", "api.EmbedRequest"),
        ("embeddings", "api.EmbeddingRequest"),
        ("show", "api.ShowRequest"),
    ],
)
@pytest.mark.parametrize(
    ("document", "kind"),
    [([], "array"), ("x", "string"), (1, "number"), (True, "bool")],
    ids=["array", "string", "number", "bool"],
)
def test_a_body_that_is_not_an_object_is_rejected(
    operation: str, go_type: str, document: Any, kind: str
) -> None:
    expected = f"json: cannot unmarshal {kind} into Go value of type {go_type}"
    assert error_message(operation, document) == expected


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"model": 1}, ("number", "ChatRequest.model", "string")),
        ({"stream": "yes"}, ("string", "ChatRequest.stream", "bool")),
        ({"messages": "x"}, ("string", "ChatRequest.messages", "[]api.Message")),
        ({"messages": ["x"]}, ("string", "ChatRequest.messages", "api.Alias")),
        ({"messages": [{}, {"content": ["a"]}]}, ("array", "ChatRequest.messages.content", "string")),
        ({"messages": [{"images": "a"}]}, ("string", "ChatRequest.messages.images", "[]api.ImageData")),
        ({"options": "x"}, ("string", "ChatRequest.options", "map[string]interface {}")),
        ({"tools": {}}, ("object", "ChatRequest.tools", "api.Tools")),
        ({"tools": ["x"]}, ("string", "ChatRequest.tools", "api.Tool")),
        ({"top_logprobs": 1.5}, ("number 1.5", "ChatRequest.top_logprobs", "int")),
        ({"top_logprobs": "5"}, ("string", "ChatRequest.top_logprobs", "int")),
        (
            {"tools": [{"function": {"parameters": "y"}}]},
            ("string", "ToolFunction.tools.function.parameters", "api.ToolFunctionParameters"),
        ),
    ],
    ids=[
        "model", "stream", "messages", "a message", "parts", "images", "options", "tools", "a tool",
        "a fraction", "a number as a string", "parameters",
    ],
)  # fmt: skip
def test_a_field_of_the_wrong_type_has_gos_error_message(
    document: Any, words: tuple[str, str, str]
) -> None:
    assert error_message("chat", {"model": "m", **document}) == _STRUCT.format(*words)


def test_the_message_has_the_name_of_the_request_type() -> None:
    expected = _STRUCT.format("number", "GenerateRequest.prompt", "string")
    assert error_message("generate", {"model": "m", "prompt": 1}) == expected


@pytest.mark.parametrize("word", ["extreme", "", "true", "false"])
def test_an_unknown_think_level_is_rejected(word: str) -> None:
    assert error_message("chat", {"model": "m", "think": word}) == (
        f'invalid think value: "{word}" (must be "high", "medium", "low", "max", true, or false)'
    )


@pytest.mark.parametrize("value", [1, [], {}], ids=["number", "array", "object"])
def test_think_must_be_a_string_or_a_boolean(value: Any) -> None:
    assert error_message("generate", {"model": "m", "think": value}) == (
        'think must be a boolean or string ("high", "medium", "low", "max", true, or false)'
    )


@pytest.mark.parametrize(
    ("value", "kind"), [(True, "bool"), ({}, "map[string]interface {}")], ids=["bool", "object"]
)
@pytest.mark.parametrize("operation", ["chat", "generate", "embed", "embeddings"])
def test_keep_alive_must_be_a_number_or_a_string(operation: str, value: Any, kind: str) -> None:
    expected = f"Unsupported type: '{kind}'"
    assert error_message(operation, {"model": "m", "keep_alive": value}) == expected


@pytest.mark.parametrize("count", [-1, 21])
@pytest.mark.parametrize("operation", ["chat", "generate"])
def test_top_logprobs_must_be_between_0_and_20(operation: str, count: int) -> None:
    expected = "top_logprobs must be between 0 and 20"
    assert error_message(operation, {"model": "m", "top_logprobs": count}) == expected


@pytest.mark.parametrize(
    "value", [1, {}, [1], [["x"]], [None]], ids=["number", "object", "numbers", "nested", "null"]
)
def test_embed_input_must_be_strings(value: Any) -> None:
    assert error_message("embed", {"model": "m", "input": value}) == "invalid input type"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"temperature": "hot"}, 'option "temperature" must be of type float32'),
        ({"top_k": "40"}, 'option "top_k" must be of type integer'),
        ({"num_ctx": True}, 'option "num_ctx" must be of type integer'),
        ({"use_mmap": 1}, 'option "use_mmap" must be of type boolean'),
        ({"stop": "END"}, 'option "stop" must be of type array'),
        ({"stop": ["a", 1]}, 'option "stop" must be of an array of strings'),
    ],
    ids=[
        "a float",
        "an integer",
        "a boolean for an integer",
        "a boolean",
        "a string for stop",
        "a number in stop",
    ],
)
@pytest.mark.parametrize("operation", ["chat", "generate", "embed", "embeddings"])
def test_an_option_of_the_wrong_type_is_a_500(
    operation: str, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(InvalidOption) as caught:
        BINDERS[operation].decode(msgspec.json.encode({"model": "m", "options": options}))
    assert (caught.value.status, caught.value.message) == (500, text)


def test_string_arguments_have_the_error_message_of_their_own_decoder() -> None:
    call = {"function": {"name": "f", "arguments": '{"a": 1}'}}
    document = {"model": "m", "messages": [{"tool_calls": [call]}]}
    with pytest.raises(BadRequest) as caught:
        BINDERS["chat"].decode(msgspec.json.encode(document))
    text = "Value looks like object, but can't find closing '}' symbol"
    assert caught.value.message == text
