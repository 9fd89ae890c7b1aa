"""Incremental validation of bodies against their schemas."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ollama_openai_proxy.conformance.bodies import BodyValidator, response_violations
from ollama_openai_proxy.conformance.contract import operations

TEXT = b'{"model":"m","created_at":"2026-03-04T05:06:07Z","response":"Hi","done":false}\n'
EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'


def violations_in(body: BodyValidator, *pieces: bytes) -> list[str]:
    found = [violation for piece in pieces for violation in body.receive(piece)]
    return found + body.close()


def body_of(spec: str, name: str, media_type: str, status: int = 200) -> BodyValidator:
    found, body = response_violations(spec, operations(spec)[name], status, media_type)
    assert found == []
    return body


@pytest.mark.parametrize(
    ("name", "status", "document", "found"),
    [
        ("listModels", 200, b'{"data":[{"id":"a"}]}', []),
        ("listModels", 200, b'[{"id":"a"}]', []),
        ("listModels", 200, b'{"models":[{"id":"a"}]}', []),
        ("listModels", 200, b'{"data":[{"id":5}]}', ["$.data[0].id: type"]),
        ("listModels", 200, b'"what?"', ["$: type"]),
        ("listModels", 200, b"<html>", ["$: is not JSON"]),
        ("listModels", 401, b'{"error":{"message":"no"}}', []),
        ("listModels", 401, b'[{"error":{"message":"no"}}]', []),
        ("listModels", 502, b"", []),
        ("listModels", 502, b"[1, 2]", ["$: type"]),
        ("createChatCompletion", 200, b"[]", ["$: type"]),
        ("createChatCompletion", 200, b'{"choices":1}', ["$.choices: type"]),
        ("createEmbedding", 200, b'{"data":[{"embedding":[1,"2"]}]}', ["$.data[0].embedding[1]: type"]),
    ],
)  # fmt: skip
def test_a_backend_document_is_validated_against_its_schema(
    name: str, status: int, document: bytes, found: list[str]
) -> None:
    body = body_of("openai.yaml", name, "application/json", status)
    assert violations_in(body, document[:3], document[3:]) == found


def test_gateway_errors_may_be_html_or_empty() -> None:
    body_of("openai.yaml", "listModels", "text/html", 502)
    body_of("openai.yaml", "listModels", "", 502)


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        ([EVENT, b"data: [DONE]\n\n"], []),
        ([b": ping\n\n", EVENT], []),
        ([b'event: error\ndata: "out of memory"\n\n'], []),
        ([EVENT, b'data: {"choices":[{"delta":{"content":5}}]}\n\n'], ["$.choices[0].delta.content: type"]),
        ([b"data: nonsense\n\n"], ["$: is not JSON"]),
        ([b'{"choices":[]}'], ["$: data outside of events"]),
    ],
)  # fmt: skip
def test_each_event_of_a_stream_is_validated(pieces: list[bytes], found: list[str]) -> None:
    body = body_of("openai.yaml", "createChatCompletion", "text/event-stream")
    assert [
        violation.replace(" oneOf", " type") for violation in violations_in(body, *pieces)
    ] == found


@given(cuts=st.lists(st.integers(0, 3 * len(TEXT)), max_size=5))
def test_the_chunking_of_lines_does_not_matter(cuts: list[int]) -> None:
    whole = TEXT * 2 + b'{"error":"broken"}\n'
    edges = [0, *sorted(cuts), len(whole)]
    pieces = [whole[start:end] for start, end in pairwise(edges)]
    assert violations_in(body_of("ollama.yaml", "generate", "application/x-ndjson"), *pieces) == []


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (TEXT, "$: the stream ends without a final line"),
        (b'{"error":"broken"}', "$: the last line has no line feed"),
        (b'\n{"error":"broken"}\n', "$: is not JSON"),
        (b'{"error":"broken"}\n{"error":"again"}\n', "$: a line after the final line"),
    ],
)
def test_violations_of_the_stream_format_are_reported(data: bytes, found: str) -> None:
    assert found in violations_in(body_of("ollama.yaml", "generate", "application/x-ndjson"), data)
