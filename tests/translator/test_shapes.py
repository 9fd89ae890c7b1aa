"""Whatever the shape in which a backend gives an answer, and wherever it is cut, the lines that
come out say the same."""

from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ollama_openai_proxy.framing.ndjson import encode_lines
from ollama_openai_proxy.services.relay import _Reader
from ollama_openai_proxy.translator.response.reader import CompletionReader
from ollama_openai_proxy.translator.response.stream import ResponseStream
from ollama_openai_proxy.translator.response.writer import ChatWriter
from tests.translator.shapes import ANSWERS, SHAPES, Said, Shape, written

FAILURES = {
    "complete": None,
    "error": "boom",
    "truncated": "the backend closed the stream before the answer was complete",
}


def relayed(body: bytes, cuts: list[int]) -> tuple[list[Any], str | None]:
    """The lines, and what went wrong behind them, if anything did."""
    reader = _Reader(ResponseStream(CompletionReader(), ChatWriter("m", 0), 0))
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    lines, failure = [], None
    for start, end in pairwise(places):
        more, failure = reader.receive(body[start:end], 1)
        lines += more
        if failure is not None or reader.done:
            break
    if failure is None:
        more, failure = reader.close(2)
        lines += more
    documents = [msgspec.json.decode(line) for line in encode_lines(lines).splitlines()]
    return documents, failure.message if failure is not None else None


@given(ANSWERS, SHAPES, st.lists(st.integers(0, 5000), max_size=12))
@settings(max_examples=400)
def test_the_lines_say_what_the_backend_said(said: Said, shape: Shape, cuts: list[int]) -> None:
    lines, failure = relayed(written(said, shape), cuts)
    messages = [line["message"] for line in lines]
    assert failure == FAILURES[said.end]
    assert "".join(message["content"] for message in messages) == "".join(said.texts)
    assert "".join(message.get("thinking", "") for message in messages) == "".join(said.thoughts)
    calls = [call["function"] for message in messages for call in message.get("tool_calls", [])]
    if said.end == "complete":
        assert [(call["name"], call["arguments"]) for call in calls] == list(said.calls)
        assert [call["index"] for call in calls] == list(range(len(calls)))
    else:
        assert calls == []


@given(ANSWERS, SHAPES, st.lists(st.integers(0, 5000), max_size=12))
@settings(max_examples=200)
def test_the_last_line_alone_ends_it(said: Said, shape: Shape, cuts: list[int]) -> None:
    lines, _ = relayed(written(said, shape), cuts)
    ends = [line for line in lines if line["done"]]
    assert ends == (lines[-1:] if said.end == "complete" else [])
    for last in ends:
        assert last["done_reason"] == said.finish
        assert last["message"] == {"role": "assistant", "content": ""}
        if said.usage is not None:
            assert (last["prompt_eval_count"], last["eval_count"]) == said.usage


@given(ANSWERS, SHAPES, st.lists(st.integers(0, 5000), max_size=12))
@settings(max_examples=200)
def test_each_token_has_its_log_probability_once(said: Said, shape: Shape, cuts: list[int]) -> None:
    lines, _ = relayed(written(said, shape), cuts)
    tokens = [entry["token"] for line in lines for entry in line.get("logprobs", [])]
    thoughts = said.thoughts if shape.thoughts == "tags" else ()
    assert tokens == ([*thoughts, *said.texts] if said.logprobs else [])
