"""Bodies held against their schemas while they come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ollama_openai_proxy.conformance.bodies import BodyValidator, response_violations
from ollama_openai_proxy.conformance.contract import operations

TEXT = b'{"model":"m","created_at":"2026-03-04T05:06:07Z","response":"Hi","done":false}\n'
EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'


def told(body: BodyValidator, *pieces: bytes) -> list[str]:
    found = [breach for piece in pieces for breach in body.receive(piece)]
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
def test_a_document_of_a_backend_is_taken_as_the_specification_describes_it(
    name: str, status: int, document: bytes, found: list[str]
) -> None:
    body = body_of("openai.yaml", name, "application/json", status)
    assert told(body, document[:3], document[3:]) == found


def test_a_gateway_may_fail_in_html_and_in_silence() -> None:
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
        ([b'{"choices":[]}'], ["$: something else than events"]),
    ],
)  # fmt: skip
def test_events_are_read_one_by_one(pieces: list[bytes], found: list[str]) -> None:
    body = body_of("openai.yaml", "createChatCompletion", "text/event-stream")
    assert [breach.replace(" oneOf", " type") for breach in told(body, *pieces)] == found


@given(cuts=st.lists(st.integers(0, 3 * len(TEXT)), max_size=5))
def test_it_does_not_matter_how_lines_are_cut(cuts: list[int]) -> None:
    whole = TEXT * 2 + b'{"error":"broken"}\n'
    edges = [0, *sorted(cuts), len(whole)]
    pieces = [whole[start:end] for start, end in pairwise(edges)]
    assert told(body_of("ollama.yaml", "generate", "application/x-ndjson"), *pieces) == []


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (TEXT, "$: the stream ends without a last line"),
        (b'{"error":"broken"}', "$: the last line has no line feed"),
        (b'\n{"error":"broken"}\n', "$: is not JSON"),
        (b'{"error":"broken"}\n{"error":"again"}\n', "$: a line after the last"),
    ],
)
def test_lines_that_are_not_a_stream_are_told(data: bytes, found: str) -> None:
    assert found in told(body_of("ollama.yaml", "generate", "application/x-ndjson"), data)
