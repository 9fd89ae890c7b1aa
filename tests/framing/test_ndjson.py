"""Encoding of messages as NDJSON."""

from datetime import UTC, datetime

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.framing.ndjson import encode_lines

LINE = ollama.GenerateResponse(
    model="m", created_at=datetime(2026, 1, 2, 3, 4, 5, 100_000, UTC), response="Hi", done=False
)


def test_every_line_ends_with_a_newline() -> None:
    text = encode_lines([LINE, LINE])
    assert text.count(b"\n") == 2
    assert text.endswith(b"}\n")


def test_there_are_no_lines_without_messages() -> None:
    assert encode_lines([]) == b""


def test_a_line_is_compact_and_in_the_order_of_the_specification() -> None:
    assert encode_lines([LINE]) == (
        b'{"model":"m","created_at":"2026-01-02T03:04:05.100000Z","response":"Hi","done":false}\n'
    )


@given(st.lists(st.text()))
@settings(max_examples=100)
def test_no_string_breaks_a_line(texts: list[str]) -> None:
    lines = encode_lines([ollama.ErrorResponse(error=text) for text in texts]).split(b"\n")
    assert lines.pop() == b""
    assert [msgspec.json.decode(line)["error"] for line in lines] == texts
