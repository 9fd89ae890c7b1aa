"""Conversion of POST /api/embed and POST /api/embeddings."""

import math
import struct
from base64 import b64encode
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama_openai_proxy_models import ollama, openai

from ollama_openai_proxy.errors import BackendRefused, BackendViolation
from ollama_openai_proxy.spec import load_spec
from ollama_openai_proxy.translator.embed import (
    as_refusal,
    batches,
    dimensions_of,
    normalized,
    ollama_response,
    refuses_dimensions,
    texts_of,
    tokens_of,
    upstream_request,
    vectors,
)
from tests.fakes.specification import complaints
from tests.fakes.values import documents_for

SCHEMAS = load_spec("openai.yaml")["components"]["schemas"]


def reply(*items: Any, **rest: Any) -> openai.CreateEmbeddingResponse:
    data = [item if isinstance(item, dict) else {"embedding": item} for item in items]
    return msgspec.convert({"data": data, **rest}, openai.CreateEmbeddingResponse)


@pytest.mark.parametrize(
    ("input_", "texts"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("a", ["a"]),
        (["a", "b"], ["a", "b"]),
        ([""], [""]),
    ],
    ids=repr,
)
def test_input_is_a_string_or_a_list_of_strings(input_: Any, texts: list[str]) -> None:
    assert texts_of(ollama.EmbedRequest(model="m", input=input_)) == texts


@pytest.mark.parametrize(
    ("dimensions", "fields"),
    [(None, {}), (0, {}), (-1, {}), (5, {"dimensions": 5})],
)
def test_only_positive_dimensions_are_sent(dimensions: int | None, fields: dict[str, int]) -> None:
    request = ollama.EmbedRequest(model="m", dimensions=dimensions)
    upstream = upstream_request(["a"], "acme/m", dimensions_of(request))
    assert not complaints("openai.yaml", "CreateEmbeddingRequest", upstream)
    document = msgspec.json.decode(msgspec.json.encode(upstream))
    assert document == {"model": "acme/m", "input": ["a"], **fields}


def test_vectors_are_sorted_by_index() -> None:
    response = reply({"index": 1, "embedding": [2]}, {"index": 0, "embedding": [1]})
    assert vectors(response, 2) == [[1], [2]]


def test_vectors_without_an_index_keep_their_order() -> None:
    assert vectors(reply([1.0], [2.0]), 2) == [[1], [2]]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_wrong_number_of_vectors_is_a_violation(count: int) -> None:
    with pytest.raises(BackendViolation):
        vectors(reply([1.0], [2.0]), count)


def test_base64_vectors_are_decoded() -> None:
    packed = b64encode(struct.pack("<3f", 0.5, -1, 2)).decode()
    assert vectors(reply(packed), 1) == [[0.5, -1, 2]]


@pytest.mark.parametrize(
    "packed", ["!", "aGk=", "é"], ids=["not base64", "not floats", "not ASCII"]
)
def test_an_unreadable_vector_is_a_violation(packed: str) -> None:
    with pytest.raises(BackendViolation):
        vectors(reply(packed), 1)


def test_vectors_are_normalized() -> None:
    assert normalized([3, 4]) == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("vector", [[0.0, 0.0], []], ids=repr)
def test_a_zero_vector_is_unchanged(vector: list[float]) -> None:
    assert normalized(vector) == vector


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_violations(value: float) -> None:
    with pytest.raises(BackendViolation, match="embedding contains NaN or Inf values"):
        normalized([1.0, value])


def test_the_response_has_the_requested_model_name_and_the_token_count() -> None:
    response = reply([3, 4], [0, 1], usage={"prompt_tokens": 8, "total_tokens": 8}, model="other")
    embeddings = [normalized(vector) for vector in vectors(response, 2)]
    converted = ollama_response("Acme", embeddings, tokens_of(response), sent_at=5, at=90)
    assert not complaints("ollama.yaml", "EmbedResponse", converted)
    assert msgspec.to_builtins(converted) == {
        "model": "Acme", "embeddings": [[0.6, 0.8], [0, 1]],
        "total_duration": 90, "load_duration": 5, "prompt_eval_count": 8,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("usage", "count"),
    [(None, 1), ({}, 1), ({"prompt_tokens": 0, "total_tokens": 6}, 6), ({"prompt_tokens": 1e300}, 2**63 - 1)],
    ids=["missing", "empty", "total only", "too large"],
)  # fmt: skip
def test_the_token_count_is_positive_and_fits_64_bits(usage: Any, count: int) -> None:
    tokens = tokens_of(reply([1.0], usage=usage))
    assert ollama_response("m", [[1.0]], tokens, 0, 0).prompt_eval_count == count


def test_vectors_are_truncated_before_they_are_normalized() -> None:
    assert normalized([3, 4, 12], 2) == pytest.approx([0.6, 0.8])
    assert normalized([3, 4], 5) == pytest.approx([0.6, 0.8])


@given(st.lists(st.text(max_size=2), max_size=20), st.integers(1, 9))
def test_inputs_are_split_into_as_few_batches_as_possible(texts: list[str], limit: int) -> None:
    parts = batches(texts, limit)
    assert [text for part in parts for text in part] == texts
    assert all(len(part) == limit for part in parts[:-1])
    assert len(parts) == math.ceil(len(texts) / limit)


@pytest.mark.parametrize(
    ("message", "status", "expected"),
    [
        ("input (9000 tokens) is too large to process", 500, 400),
        ("This model's maximum context length is 8192 tokens", 400, 400),
        ("Request too large: tokens per minute", 429, 429),
        ("no such thing", 500, 500),
    ],
)
def test_an_input_that_is_too_long_is_a_400(message: str, status: int, expected: int) -> None:
    failure = as_refusal(BackendRefused(message, status))
    assert (failure.status, failure.message) == (expected, message)


def test_unsupported_dimensions_are_recognized_by_the_error_message() -> None:
    message = 'Model "m" does not support matryoshka representation, changing output Dimensions'
    assert refuses_dimensions(BackendRefused(message, 400))
    assert not refuses_dimensions(BackendRefused(message, 503))
    assert not refuses_dimensions(BackendRefused("no such model", 400))


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
@settings(max_examples=100)
def test_base64_and_json_vectors_are_equal(vector: list[float]) -> None:
    packed = b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    assert vectors(reply(packed), 1) == vectors(reply(vector), 1)


@given(st.lists(st.floats(width=32), max_size=5))
@settings(max_examples=200)
def test_any_vector_is_normalized_or_zero_or_rejected(vector: list[float]) -> None:
    try:
        length = math.hypot(*normalized(vector))
    except BackendViolation:
        return
    assert length == pytest.approx(1 if any(vector) else 0)


@given(documents_for(SCHEMAS["CreateEmbeddingResponse"], SCHEMAS))
@settings(max_examples=100)
def test_any_backend_response_produces_a_response_that_matches_the_specification(
    document: Any,
) -> None:
    try:
        response = msgspec.convert(document, openai.CreateEmbeddingResponse)
        embeddings = [normalized(v) for v in vectors(response, len(response.data))]
        converted = ollama_response("m", embeddings, tokens_of(response), 1, 2)
    except (msgspec.ValidationError, BackendViolation):
        return
    assert not complaints("ollama.yaml", "EmbedResponse", converted)
