"""Equal responses produce equal lines, in any wire format and wherever the bytes are split."""

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
from tests.translator.shapes import RESPONSES, SHAPES, Response, Shape, encoded

FAILURES = {
    "complete": None,
    "error": "boom",
    "truncated": "the backend closed the stream before the response was complete",
}


def relayed(body: bytes, cuts: list[int]) -> tuple[list[Any], str | None]:
    """Return the lines, and the message of the failure after them, if any."""
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


@given(RESPONSES, SHAPES, st.lists(st.integers(0, 5000), max_size=12))
@settings(max_examples=400)
def test_the_lines_have_the_content_of_the_response(
    response: Response, shape: Shape, cuts: list[int]
) -> None:
    lines, failure = relayed(encoded(response, shape), cuts)
    messages = [line["message"] for line in lines]
    assert failure == FAILURES[response.end]
    assert "".join(message["content"] for message in messages) == "".join(response.texts)
    assert "".join(message.get("thinking", "") for message in messages) == "".join(
        response.reasoning
    )
    calls = [call["function"] for message in messages for call in message.get("tool_calls", [])]
    if response.end == "complete":
        assert [(call["name"], call["arguments"]) for call in calls] == list(response.calls)
        assert [call["index"] for call in calls] == list(range(len(calls)))
    else:
        assert calls == []


@given(RESPONSES, SHAPES, st.lists(st.integers(0, 5000), max_size=12))
@settings(max_examples=200)
def test_only_the_last_line_is_done(response: Response, shape: Shape, cuts: list[int]) -> None:
    lines, _ = relayed(encoded(response, shape), cuts)
    ends = [line for line in lines if line["done"]]
    assert ends == (lines[-1:] if response.end == "complete" else [])
    for last in ends:
        assert last["done_reason"] == response.finish
        assert last["message"] == {"role": "assistant", "content": ""}
        if response.usage is not None:
            assert (last["prompt_eval_count"], last["eval_count"]) == response.usage


@given(RESPONSES, SHAPES, st.lists(st.integers(0, 5000), max_size=12))
@settings(max_examples=200)
def test_each_token_has_one_log_probability(
    response: Response, shape: Shape, cuts: list[int]
) -> None:
    lines, _ = relayed(encoded(response, shape), cuts)
    tokens = [entry["token"] for line in lines for entry in line.get("logprobs", [])]
    reasoning = response.reasoning if shape.reasoning == "tags" else ()
    assert tokens == ([*reasoning, *response.texts] if response.logprobs else [])
