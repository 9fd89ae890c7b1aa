"""Whatever bytes the backend sends, the client receives valid lines or an error."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ollama_openai_proxy.errors import BackendRefused, BackendViolation, ProxyError
from ollama_openai_proxy.framing.ndjson import encode_lines
from ollama_openai_proxy.services.relay import _Reader
from ollama_openai_proxy.translator.response.reader import CompletionReader
from ollama_openai_proxy.translator.response.stream import ResponseStream
from ollama_openai_proxy.translator.response.writer import ChatWriter
from tests.fakes.specification import complaints
from tests.fakes.transport import chunk, completion, events, usage
from tests.fakes.values import VALUES


def relayed(*pieces: bytes) -> tuple[bytes, ProxyError | None]:
    """The NDJSON for a backend body, and the error, if any."""
    reader = _Reader(ResponseStream(CompletionReader(), ChatWriter("m", 0), 0))
    text = b""
    for piece in pieces:
        lines, failure = reader.receive(piece, 1)
        text += encode_lines(lines)
        if failure is not None or reader.done:
            break
    else:
        failure = None
    if failure is None:
        lines, failure = reader.close(2)
        text += encode_lines(lines)
    return text, failure


CALL = {"index": 0, "id": "x", "function": {"name": "f", "arguments": '{"a":1}'}}
GOOD = events(
    chunk("", role="assistant"), chunk(reasoning="hm"), chunk("Hel"), chunk("lo"),
    chunk(tool_calls=[CALL]), chunk(finish="stop"), usage(9, 2),
)  # fmt: skip


def body(document: object) -> bytes:
    return msgspec.json.encode(document)


NEARLY = st.sampled_from(
    [
        GOOD,
        events(chunk("Hi"), done=False),
        events({"error": {"message": "no"}}),
        events({"object": "error", "message": "no"}),
        b"event: error\n",
        b"error: {}\n\n",
        b"data: [DONE]\n\n",
        b'data: {"choices":[{"delta":{"content":"',
        b'{"error":',
        b"<html><title>502</title>",
        body(completion()),
        b"data: ",
        b"\n\n",
        b"\xff",
        b'data: {"x":"\xff"}\n\n',
        b'data: {"detail":[{"loc":null,"msg":1}]}\n\n',
        rb'"\ud800"',
        b"[" * 2000,
    ]
)
BODIES = st.lists(
    NEARLY | st.binary(max_size=20) | VALUES.map(lambda value: b"data: " + body(value) + b"\n\n"),
    max_size=5,
)


@given(BODIES)
@settings(max_examples=300)
def test_any_bytes_result_in_valid_lines_or_an_error(pieces: list[bytes]) -> None:
    text, failure = relayed(*pieces)
    lines = [msgspec.json.decode(line) for line in text.splitlines()]
    assert not [c for line in lines for c in complaints("ollama.yaml", "ChatResponse", line)]
    assert [line["done"] for line in lines[:-1]] == [False] * len(lines[:-1])
    assert (failure is None) == (bool(lines) and lines[-1]["done"])
    if failure is not None:
        failure.message.encode()


@given(st.lists(st.integers(0, len(GOOD)), max_size=8), st.sampled_from([b"\n", b"\r\n", b"\r"]))
@settings(max_examples=100)
def test_the_chunking_of_the_body_does_not_matter(cuts: list[int], end: bytes) -> None:
    text = GOOD.replace(b"\n", end)
    places = [0, *sorted(cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert relayed(*pieces) == relayed(GOOD)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b'{"error": {"message": "no", "code": 503}}', BackendRefused),
        (b'[{"error": {"message": "no"}}]', BackendRefused),
        (b"<html><title>Bad gateway</title></html>", BackendViolation),
        (b"", BackendViolation),
        (b"data: [DONE]\n\n", BackendViolation),
        (b"data: 5\n\n", BackendViolation),
        (b'data: {"choices": 5}\n\n', BackendViolation),
        (b'data: {"choices": [{"delta": {"content": "\xff"}}]}\n\n', BackendViolation),
        (b'data: {"x": "\xff"}\n\n', BackendViolation),
        (b"data: " + b"[" * 10_000 + b"\n\n", BackendViolation),
    ],
    ids=[
        "an error", "Gemini's error", "HTML", "empty", "only done", "a number", "wrong types",
        "invalid UTF-8", "invalid UTF-8 in an unknown field", "deeply nested",
    ],
)  # fmt: skip
def test_an_invalid_body_is_an_error(text: bytes, error: type[ProxyError]) -> None:
    lines, failure = relayed(text)
    assert lines == b""
    assert isinstance(failure, error)


def test_a_whole_completion_is_accepted_as_a_stream() -> None:
    lines, failure = relayed(b"\n\n" + body(completion("Hello")))
    first, last = [msgspec.json.decode(line) for line in lines.splitlines()]
    assert (first["message"]["content"], last["done"], failure) == ("Hello", True, None)
