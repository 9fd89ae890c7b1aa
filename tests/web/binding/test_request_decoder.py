"""Decoding of request bodies."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ollama_openai_proxy.errors import BadRequest, InvalidOption
from tests.binding.binders import BINDERS, NAMES, SCHEMAS
from tests.fakes.specification import complaints
from tests.fakes.values import documents_for

OPERATIONS = sorted(BINDERS)
DOCUMENTS = {operation: documents_for(SCHEMAS[name], SCHEMAS) for operation, name in NAMES.items()}


def decode(operation: str, document: Any) -> Any:
    return BINDERS[operation].decode(msgspec.json.encode(document))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_null_is_an_empty_request(operation: str) -> None:
    assert decode(operation, None) == decode(operation, {})
    assert getattr(decode(operation, None), "model", "") == ""


@pytest.mark.parametrize("operation", OPERATIONS)
def test_unknown_fields_are_ignored(operation: str) -> None:
    assert decode(operation, {"model": "m", "width": 1, "_x": [{}]}) == decode(
        operation, {"model": "m"}
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_null_means_absent_for_every_field(operation: str) -> None:
    names = SCHEMAS[NAMES[operation]]["properties"]
    assert decode(operation, dict.fromkeys(names)) == decode(operation, {})


@pytest.mark.parametrize(
    ("document", "model"),
    [
        ({"name": "x"}, "x"),
        ({"model": "", "name": "x"}, "x"),
        ({"model": None, "name": "x"}, "x"),
        ({"model": "m", "name": "x"}, "m"),
        ({"MODEL": "m"}, "m"),
    ],
    ids=["name only", "with an empty model", "with null", "with a model", "model only"],
)
def test_name_is_used_if_model_is_missing(document: Any, model: str) -> None:
    assert decode("show", document).model == model


def test_a_message_may_be_empty() -> None:
    [message] = decode("chat", {"model": "m", "messages": [{}]}).messages
    assert (message.role, message.content, message.tool_calls) == (None, None, None)


def test_null_options_are_absent() -> None:
    options = decode(
        "chat", {"model": "m", "options": {"top_k": None, "temperature": None}}
    ).options
    assert (options.top_k, options.temperature) == (None, None)


def test_option_names_are_case_sensitive() -> None:
    assert decode("chat", {"model": "m", "options": {"Seed": 1}}).options.seed is None


@pytest.mark.parametrize("format_", ["", "json", "xml", {}, {"type": "object"}, [], 1, True])
def test_format_is_not_validated_while_decoding(format_: Any) -> None:
    assert decode("chat", {"model": "m", "format": format_}).format == format_


@pytest.mark.parametrize("keep_alive", [0, -1, 90.5, "5m", "nonsense"])
def test_keep_alive_is_not_validated_while_decoding(keep_alive: Any) -> None:
    assert decode("chat", {"model": "m", "keep_alive": keep_alive}).keep_alive == keep_alive


@pytest.mark.parametrize("operation", OPERATIONS)
@given(data=st.data())
@settings(max_examples=60)
def test_any_document_is_decoded_as_specified_or_rejected(
    operation: str, data: st.DataObject
) -> None:
    name = NAMES[operation]
    document = data.draw(DOCUMENTS[operation])
    try:
        request = decode(operation, document)
    except (BadRequest, InvalidOption) as error:
        error.message.encode()
    else:
        assert not complaints("ollama.yaml", name, request)


@given(st.binary(max_size=40))
@settings(max_examples=100)
def test_any_bytes_are_decoded_or_rejected(body: bytes) -> None:
    try:
        BINDERS["chat"].decode(body)
    except (BadRequest, InvalidOption) as error:
        error.message.encode()


def test_an_empty_list_as_content_means_absent() -> None:
    """ollama-ai-provider-v2 sends an empty list with a message that has only an image."""
    body = b'{"model": "m", "messages": [{"role": "user", "content": [], "images": ["aGk="]}]}'
    [message] = BINDERS["chat"].decode(body).messages or []
    assert (message.content, message.images) == (None, ["aGk="])


def test_a_null_message_is_an_empty_message() -> None:
    [message] = BINDERS["chat"].decode(b'{"model": "m", "messages": [null]}').messages or []
    assert (message.role, message.content) == (None, None)
