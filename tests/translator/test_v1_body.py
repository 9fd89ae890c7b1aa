"""Forwarded bodies: only the model name changes."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ollama_openai_proxy.translator.v1_body import Fields
from tests.fakes.values import VALUES

BODY = b'{ "n" : 1.50e+3, "model":"x:latest","z":[1E5, 0.10],"b":12345678901234567890123,"u":"\\u00e9"}'


def test_a_body_without_changes_keeps_its_bytes() -> None:
    assert Fields(BODY).encode("x:latest") == BODY
    assert Fields(BODY).encode(None) == BODY
    assert Fields(BODY).encode("x:latest", ["options"]) == BODY


def test_only_the_model_is_rewritten_and_numbers_keep_their_spelling() -> None:
    assert Fields(BODY).encode("x") == (
        b'{"n":1.50e+3,"model":"x","z":[1E5, 0.10],"b":12345678901234567890123,"u":"\\u00e9"}'
    )


def test_a_field_is_removed_and_the_order_is_kept() -> None:
    body = b'{"stream":true,"options":{"num_ctx":1},"model":"x","messages":[]}'
    assert Fields(body).encode("x", ["options"]) == b'{"stream":true,"model":"x","messages":[]}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"null",
        b'{"model":',
        b"{}",
        b'{"model":1}',
        b'{"model":null}',
        b'{"model":["x"]}',
        b'{"model":"\xff"}',
        b"\x28\xb5\x2f\xfd zstd",
        b'{"a":' + b"[" * 100_000,
    ],
)
def test_a_body_without_a_model_is_unchanged(body: bytes) -> None:
    fields = Fields(body)
    assert fields.model is None
    assert fields.encode(None, ["options"]) == body


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=5), st.text(max_size=12))
def test_every_other_field_is_kept(rest: dict[str, object], model: str) -> None:
    document = {**rest, "model": "old"}
    body = msgspec.json.encode(document)
    fields = Fields(body)
    assert fields.model == "old"
    changed = fields.encode(model)
    assert changed == msgspec.json.encode({**document, "model": model})
