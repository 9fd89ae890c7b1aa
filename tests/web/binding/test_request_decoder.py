"""Request bodies → requests."""

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


def bind(operation: str, document: Any) -> Any:
    return BINDERS[operation].decode(msgspec.json.encode(document))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_null_is_a_request_without_anything(operation: str) -> None:
    assert bind(operation, None) == bind(operation, {})
    assert getattr(bind(operation, None), "model", "") == ""


@pytest.mark.parametrize("operation", OPERATIONS)
def test_unknown_fields_are_ignored(operation: str) -> None:
    assert bind(operation, {"model": "m", "width": 1, "_x": [{}]}) == bind(
        operation, {"model": "m"}
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_null_is_the_same_as_nothing_for_every_field(operation: str) -> None:
    names = SCHEMAS[NAMES[operation]]["properties"]
    assert bind(operation, dict.fromkeys(names)) == bind(operation, {})


@pytest.mark.parametrize(
    ("document", "model"),
    [
        ({"name": "x"}, "x"),
        ({"model": "", "name": "x"}, "x"),
        ({"model": None, "name": "x"}, "x"),
        ({"model": "m", "name": "x"}, "m"),
        ({"MODEL": "m"}, "m"),
    ],
    ids=["alone", "beside an empty model", "beside null", "beside a model", "not needed"],
)
def test_name_stands_in_for_a_model_that_is_not_there(document: Any, model: str) -> None:
    assert bind("show", document).model == model


def test_a_message_may_lack_everything() -> None:
    [message] = bind("chat", {"model": "m", "messages": [{}]}).messages
    assert (message.role, message.content, message.tool_calls) == (None, None, None)


def test_null_among_the_options_is_nothing() -> None:
    options = bind("chat", {"model": "m", "options": {"top_k": None, "temperature": None}}).options
    assert (options.top_k, options.temperature) == (None, None)


def test_options_are_told_apart_by_case() -> None:
    assert bind("chat", {"model": "m", "options": {"Seed": 1}}).options.seed is None


@pytest.mark.parametrize("format_", ["", "json", "xml", {}, {"type": "object"}, [], 1, True])
def test_a_format_is_judged_later(format_: Any) -> None:
    assert bind("chat", {"model": "m", "format": format_}).format == format_


@pytest.mark.parametrize("keep_alive", [0, -1, 90.5, "5m", "nonsense"])
def test_a_keep_alive_is_judged_later(keep_alive: Any) -> None:
    assert bind("chat", {"model": "m", "keep_alive": keep_alive}).keep_alive == keep_alive


@pytest.mark.parametrize("operation", OPERATIONS)
@given(data=st.data())
@settings(max_examples=60)
def test_any_document_is_bound_as_specified_or_refused(operation: str, data: st.DataObject) -> None:
    name = NAMES[operation]
    document = data.draw(DOCUMENTS[operation])
    try:
        request = bind(operation, document)
    except (BadRequest, InvalidOption) as refused:
        refused.message.encode()
    else:
        assert not complaints("ollama.yaml", name, request)


@given(st.binary(max_size=40))
@settings(max_examples=100)
def test_any_bytes_are_bound_or_refused(body: bytes) -> None:
    try:
        BINDERS["chat"].decode(body)
    except (BadRequest, InvalidOption) as refused:
        refused.message.encode()


def test_an_empty_list_for_content_is_none() -> None:
    """ollama-ai-provider-v2 sends it with a message that is a picture alone."""
    body = b'{"model": "m", "messages": [{"role": "user", "content": [], "images": ["aGk="]}]}'
    [message] = BINDERS["chat"].decode(body).messages or []
    assert (message.content, message.images) == (None, ["aGk="])


def test_a_null_among_messages_is_one_that_says_nothing() -> None:
    [message] = BINDERS["chat"].decode(b'{"model": "m", "messages": [null]}').messages or []
    assert (message.role, message.content) == (None, None)
