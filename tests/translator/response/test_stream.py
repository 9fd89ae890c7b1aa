"""Responses as lines: a stream has the same content as the whole response."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.errors import BackendRefused, ProxyError
from ollama_openai_proxy.framing.ndjson import encode_lines
from ollama_openai_proxy.spec import load_spec
from ollama_openai_proxy.translator.response.reader import CompletionReader
from ollama_openai_proxy.translator.response.stream import ResponseStream, whole_response
from ollama_openai_proxy.translator.response.writer import ChatWriter, GenerateWriter
from tests.fakes.specification import complaints
from tests.fakes.transport import chunk, completion, usage
from tests.fakes.values import documents_for
from tests.translator.completions import call, event, whole

SCHEMAS = load_spec("openai.yaml")["components"]["schemas"]
EVENTS = st.lists(documents_for(SCHEMAS["CreateChatCompletionStreamResponse"], SCHEMAS), max_size=4)
MS = 1_000_000


def response_stream(
    kind: type[ChatWriter | GenerateWriter] = ChatWriter, asked: int = 0
) -> ResponseStream:
    return ResponseStream(CompletionReader(), kind("m", 0), asked)


def documents(lines: list[msgspec.Struct]) -> list[Any]:
    return [msgspec.json.decode(line) for line in encode_lines(lines).splitlines()]


def test_a_stream_has_a_line_for_each_part_and_a_final_line() -> None:
    stream = response_stream()
    lines = stream.receive(event(chunk("Hel")), 1) + stream.receive(event(chunk("lo")), 2)
    lines += stream.receive(event(chunk(finish="stop")), 3) + stream.receive(event(usage(9, 2)), 4)
    assert [line["message"]["content"] for line in documents(lines)] == ["Hel", "lo"]
    [last] = documents(stream.close(5, done=True))
    assert (last["done"], last["prompt_eval_count"], last["eval_count"]) == (True, 9, 2)


def test_each_call_has_a_line_without_text() -> None:
    stream = response_stream()
    stream.receive(event(chunk(tool_calls=[call(0, "x"), call(1, "y")])), 1)
    lines = documents(stream.receive(event(chunk(finish="tool_calls")), 2))
    assert [len(line["message"]["tool_calls"]) for line in lines] == [1, 1]
    assert {line["message"]["content"] for line in lines} == {""}


def test_calls_without_a_finish_reason_come_before_the_last_line() -> None:
    stream = response_stream()
    stream.receive(event(chunk(tool_calls=[call()])), 1)
    first, last = documents(stream.close(2, done=True))
    assert "tool_calls" in first["message"]
    assert last["message"] == {"role": "assistant", "content": ""}


def test_prompt_time_ends_at_the_first_token_and_generation_time_at_the_last() -> None:
    stream = response_stream(asked=2 * MS)
    for at, document in [(5, chunk("")), (12, chunk("H")), (62, chunk("i")), (65, usage(1, 1))]:
        stream.receive(event(document), at * MS)
    [last] = documents(stream.close(70 * MS, done=True))
    assert last["load_duration"] == 2 * MS
    assert last["prompt_eval_duration"] == 10 * MS
    assert last["eval_duration"] == 50 * MS
    assert last["total_duration"] == 70 * MS


def test_a_whole_response_is_accepted_instead_of_a_stream() -> None:
    stream = response_stream(GenerateWriter)
    lines = stream.receive_whole(whole(completion("Hi", reasoning="hm")), 1)
    first, second, last = documents(lines + stream.close(2, done=False))
    assert (first["thinking"], second["response"], last["done"]) == ("hm", "Hi", True)


def test_an_error_is_raised_without_a_final_line() -> None:
    stream = response_stream()
    stream.receive(event(chunk("Hi")), 1)
    with pytest.raises(BackendRefused):
        stream.receive(event({"error": {"message": "no"}}), 2)


TEXT = st.text(max_size=12)
CALLS = st.lists(
    st.tuples(st.sampled_from(["f", "g"]), st.dictionaries(TEXT, st.integers() | TEXT, max_size=2)),
    max_size=3,
)


def cut(draw: st.DrawFn, text: str) -> list[str]:
    places = draw(st.lists(st.integers(0, len(text)), max_size=3).map(sorted))
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]


@st.composite
def completions(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A completion, whole and as OpenAI streams it."""
    reasoning, text, calls = draw(TEXT), draw(TEXT), draw(CALLS)
    finish = draw(st.sampled_from(["stop", "length", "tool_calls"]))
    key = draw(st.sampled_from(["reasoning_content", "reasoning"]))
    complete = []
    events = [chunk(role="assistant", **{key: part}) for part in cut(draw, reasoning)]
    events += [chunk(part) for part in cut(draw, text)]
    for index, (name, arguments) in enumerate(calls):
        encoded = msgspec.json.encode(arguments).decode()
        complete.append(call(index, f"id{index}", name, encoded))
        first, *rest = cut(draw, encoded)
        events.append(chunk(tool_calls=[call(index, f"id{index}", name, first)]))
        for part in rest:
            events.append(chunk(tool_calls=[{"index": index, "function": {"arguments": part}}]))
    events += [chunk(finish=finish), usage(7, 3)]
    return completion(text, finish, tool_calls=complete, **{key: reasoning}), events


@given(completions(), st.sampled_from([ChatWriter, GenerateWriter]))
@settings(max_examples=100)
def test_a_stream_and_a_whole_response_have_the_same_content(
    example: tuple[dict[str, Any], list[dict[str, Any]]], kind: type[ChatWriter | GenerateWriter]
) -> None:
    document, events = example
    stream = response_stream(kind)
    lines = [line for item in events for line in stream.receive(event(item), 1)]
    streamed = documents(lines + stream.close(2, done=True))
    response = whole_response(whole(document), CompletionReader(), kind("m", 0), 0, 1)
    once = msgspec.json.decode(msgspec.json.encode(response))
    for key in ("content", "thinking", "response"):
        joined = "".join(line.get("message", line).get(key, "") for line in streamed)
        assert joined == once.get("message", once).get(key, "")
    calls = [c for line in streamed for c in line.get("message", line).get("tool_calls", [])]
    assert calls == once.get("message", once).get("tool_calls", [])
    for key in ("done_reason", "prompt_eval_count", "eval_count"):
        assert streamed[-1][key] == once[key]


@given(EVENTS, st.booleans(), st.sampled_from([ChatWriter, GenerateWriter]))
@settings(max_examples=100)
def test_any_events_produce_lines_that_match_the_specification(
    events: list[Any], done: bool, kind: type[ChatWriter | GenerateWriter]
) -> None:
    decoder = msgspec.json.Decoder(openai.CreateChatCompletionStreamResponse)
    stream, lines = response_stream(kind), []
    try:
        for document in events:
            try:
                read = decoder.decode(msgspec.json.encode(document))
            except msgspec.DecodeError:
                continue
            lines += stream.receive(read, 1)
        lines += stream.close(2, done)
    except ProxyError:
        pass
    name = "ChatEvent" if kind is ChatWriter else "GenerateEvent"
    for document in documents(lines):
        assert not complaints("ollama.yaml", name, document)
