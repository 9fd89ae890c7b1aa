"""Bodies that pass through: what changes is the model's name, and nothing else."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ollama_openai_proxy.translator.v1_body import Fields
from tests.fakes.values import VALUES

ODD = b'{ "n" : 1.50e+3, "model":"x:latest","z":[1E5, 0.10],"b":12345678901234567890123,"u":"\\u00e9"}'


def test_a_body_that_needs_no_change_is_the_same_bytes() -> None:
    assert Fields(ODD).encode("x:latest") == ODD
    assert Fields(ODD).encode(None) == ODD
    assert Fields(ODD).encode("x:latest", ["options"]) == ODD


def test_only_the_model_is_written_anew_and_numbers_are_as_they_were_sent() -> None:
    assert Fields(ODD).encode("x") == (
        b'{"n":1.50e+3,"model":"x","z":[1E5, 0.10],"b":12345678901234567890123,"u":"\\u00e9"}'
    )


def test_a_field_is_left_out_and_the_order_stays() -> None:
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
def test_what_names_no_model_passes_as_it_is(body: bytes) -> None:
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
