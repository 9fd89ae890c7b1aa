"""Parsing of the first JSON value in a body."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ollama_openai_proxy.errors import BadRequest
from ollama_openai_proxy.web.binding.document import read_document


def error_message(body: bytes) -> str:
    with pytest.raises(BadRequest) as caught:
        read_document(body)
    return caught.value.message


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t "], ids=["empty", "space", "whitespace"])
def test_a_blank_body_counts_as_missing(body: bytes) -> None:
    assert error_message(body) == "missing request body"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "unexpected EOF"),
        (b'{"model":', "unexpected EOF"),
        (b'{"model":"x', "unexpected EOF"),
        (b'{"model":"x"', "unexpected EOF"),
        (b"hello", "invalid character 'h' looking for beginning of value"),
        (b"  hello", "invalid character 'h' looking for beginning of value"),
        (b"{'model':'x'}", r"invalid character '\'' looking for beginning of object key string"),
        (b'{"a" "b"}', "invalid character '\"' after object key"),
        (b'{"a":1 "b":2}', "invalid character '\"' after object key:value pair"),
        (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        (b'{"a":NaN}', "invalid character 'N' looking for beginning of value"),
        (b"\x1f\x8b\x08\x00gzip", r"invalid character '\x1f' looking for beginning of value"),
    ],
    ids=[
        "a brace", "no value", "an open string", "an open object", "a word", "a word after spaces",
        "single quotes", "no colon", "no comma", "a trailing comma", "not a number", "gzip",
    ],
)  # fmt: skip
def test_invalid_json_has_gos_error_message(body: bytes, text: str) -> None:
    assert error_message(body) == text


def test_anything_after_the_first_value_is_ignored() -> None:
    assert read_document(b' {"model":"x"}\n{"model":"y"} and so on') == {"model": "x"}


def test_the_last_duplicate_key_wins() -> None:
    assert read_document(b'{"model":"x","model":"y"}') == {"model": "y"}


def test_a_lone_surrogate_is_replaced() -> None:
    assert read_document(rb'{"model":"a\ud800b"}') == {"model": "a\ufffdb"}


def test_invalid_utf_8_is_rejected() -> None:
    assert error_message(b'{"model":"a\xffb"}') == "the request body has invalid UTF-8 at byte 11"


def test_bytes_after_the_first_value_need_not_be_utf_8() -> None:
    assert read_document(b'{"model":"a"}\xff') == {"model": "a"}


def test_a_number_too_large_for_a_float_is_rejected() -> None:
    assert error_message(b'{"options":{"seed":1e400}}') == (
        "json: cannot unmarshal number 1e400 into Go value of type float64"
    )


def test_nesting_depth_is_limited() -> None:
    assert error_message(b"[" * 100_000) == "exceeded max depth"


@given(st.binary(max_size=60) | st.text("{}[]\",:ae\\u01-. \n'", max_size=20).map(str.encode))
@settings(max_examples=300)
def test_any_bytes_are_a_document_or_a_bad_request(body: bytes) -> None:
    try:
        document = read_document(body)
    except BadRequest as error:
        error.message.encode()
    else:
        json.dumps(document, allow_nan=False, ensure_ascii=False).encode()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)  # fmt: skip
@settings(max_examples=100)
def test_any_json_value_is_parsed_unchanged(value: object) -> None:
    assert read_document(json.dumps(value).encode()) == value
