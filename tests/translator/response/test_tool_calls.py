"""Assembly of tool calls from fragments."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama_openai_proxy_models import ollama, openai

from ollama_openai_proxy.translator.response.tool_calls import (
    MOST_CALLS,
    CallAssembler,
    parse_arguments,
)

A, B = {"a": 1}, {"b": 2}
TWO = [("x", "f", A), ("y", "g", B)]


def part(
    index: int | None = None, id_: Any = None, name: str | None = None, arguments: Any = None
) -> dict[str, Any]:
    return {"index": index, "id": id_, "function": {"name": name, "arguments": arguments}}


def assemble(*fragments: dict[str, Any]) -> list[ollama.ToolCall]:
    assembler = CallAssembler()
    for fragment in fragments:
        assembler.receive(msgspec.convert(fragment, openai.ChatCompletionMessageToolCallChunk))
    return assembler.close("chatcmpl-1")


def as_tuples(calls: list[ollama.ToolCall]) -> list[tuple[str, str, Any]]:
    return [(call.id, call.function.name, call.function.arguments) for call in calls]


@pytest.mark.parametrize(
    "fragments",
    [
        [
            part(0, "x", "f", ""), part(0, arguments='{"a"'), part(0, arguments=":1}"),
            part(1, "y", "g", ""), part(1, arguments='{"b":2}'),
        ],
        [part(0, "x", "f", '{"a":1}'), part(1, "y", "g", '{"b":2}')],
        [
            part(None, "x", "f", '{"a"'), part(None, arguments=":1}"),
            part(None, "y", "g", '{"b":2}'),
        ],
        [part(0, "x", "f", '{"a":1}'), part(0, "y", "g", '{"b":2}')],
        [
            part(0, "x", "f", '{"a"'), part(0, None, None, ":1"), part(0, None, None, "}"),
            part(1, "y", "g", '{"b":2}'),
        ],
        [
            part(0, "x", "f", '{"a"'), part(0, "x", None, ":1}"),
            part(1, "y", "g", '{"b"'), part(1, "y", None, ":2}"),
        ],
        [
            part(0, "x", "f", '{"a"'), part(0, "", "", ":1}"), part(0, None, None, ""),
            part(1, "y", "g", '{"b"'), part(1, "", "", ":2}"),
        ],
        [
            part(0, "x", "f"), part(1, arguments='{"a":1}'),
            part(2, "y", "g"), part(3, arguments='{"b":2}'),
        ],
        [
            part(0, "x", "f", '{"a"'), part(1, "x", None, ":1}"),
            part(2, "y", "g", '{"b"'), part(3, "y", None, ":2}"),
        ],
        [
            part(0, "x", "f", '{"a":1}'), part(1, "x", "f", '{"a":1}'),
            part(2, "y", "g", '{"b":2}'), part(0, "x", "f", '{"a":1}'),
        ],
        [
            part(0, "x", "f", '{"a"'), part(0, "", None, ":1}"),
            part(0, "y", "g", '{"b"'), part(0, "", None, ":2}"),
        ],
        [
            {"index": 0, "function": {"id": "x", "name": "f", "arguments": '{"a"'}},
            {"index": 0, "function": {"id": "x", "name": "f", "arguments": ":1}"}},
            {"index": 1, "function": {"id": "y", "name": "g", "arguments": '{"b":2}'}},
        ],
        [part(0, "x"), part(0, None, "f", '{"a":1}'), part(1, "y"), part(1, None, "g", '{"b":2}')],
        [
            part(0, "x", "f", '{"a"'), part(0, None, "f", ":1}"),
            part(1, "y", "g", '{"b"'), part(1, None, "g", ":2}"),
        ],
        [part(0, "x", "f", A), part(1, "y", "g", B)],
        [part(0, "x", "f", {"a": 0}), part(0, None, None, A), part(1, "y", "g", B)],
        [part(0, "x", "f", r'"{\"a\":1}"'), part(1, "y", "g", r'"{\"b\":2}"')],
        [part(0, "x", "f", '{"a"'), part(1, "y", "g", '{"b":2}'), part(0, arguments=":1}")],
        [{"index": 0}, {"index": 0, "function": {}}, part(0, "x", "f", A), part(1, "y", "g", B)],
    ],
    ids=[
        "OpenAI", "whole calls", "no index", "index 0 for all", "several argument fragments",
        "id repeated", "empty ids and names", "arguments under another index",
        "one id with several indexes", "a repeated call", "index 0 and empty ids",
        "id in the function", "name after the id", "name repeated", "objects", "objects replace",
        "encoded twice", "interleaved", "empty fragments",
    ],
)  # fmt: skip
def test_fragments_are_assembled_into_calls(fragments: list[dict[str, Any]]) -> None:
    assert as_tuples(assemble(*fragments)) == TWO


def test_calls_without_index_and_id_are_separated_by_name() -> None:
    calls = assemble(
        part(None, None, "f", '{"a"'), part(None, None, None, ":1}"),
        part(None, None, "g", '{"b":2}'), part(None, None, "g", '{"b":2}'),
    )  # fmt: skip
    assert [call[1:] for call in as_tuples(calls)] == [("f", A), ("g", B), ("g", B)]


def test_numeric_ids_of_sglang_separate_calls() -> None:
    calls = assemble(
        part(0, "0", "f", ""), part(0, "0", None, '{"a":1}'),
        part(0, "1", "g", ""), part(0, "1", None, '{"b":2}'),
    )  # fmt: skip
    assert [call[1:] for call in as_tuples(calls)] == [("f", A), ("g", B)]


@pytest.mark.parametrize("id_", [None, "", "null", "0"], ids=repr)
def test_a_missing_or_placeholder_call_id_is_replaced(id_: str | None) -> None:
    first, second = assemble(part(0, id_, "f", "{}"), part(1, id_, "f", "{}"))
    assert first.id != second.id
    for call in (first, second):
        assert re.fullmatch("call_[a-z0-9]{8}", call.id)


def test_generated_ids_are_deterministic() -> None:
    fragments = [part(0, None, "f", "{}"), part(1, None, "g", "{}")]
    assert as_tuples(assemble(*fragments)) == as_tuples(assemble(*fragments))


def test_calls_are_numbered_from_zero() -> None:
    calls = assemble(part(5, "x", "f"), part(7, "y", "g"))
    assert [(call.index, call.function.index) for call in calls] == [(0, 0), (1, 1)]


def test_numbering_continues_after_close() -> None:
    assembler = CallAssembler()
    calls = []
    for _ in range(2):
        assembler.receive(
            msgspec.convert(part(0, "", "f"), openai.ChatCompletionMessageToolCallChunk)
        )
        calls += assembler.close("chatcmpl-1")
    assert [call.function.index for call in calls] == [0, 1]
    assert calls[0].id != calls[1].id


def test_a_returned_call_is_not_returned_again() -> None:
    assembler = CallAssembler()
    calls = []
    for _ in range(2):
        fragment = part(0, "x", "f", '{"a":1}')
        assembler.receive(msgspec.convert(fragment, openai.ChatCompletionMessageToolCallChunk))
        calls += assembler.close()
    assert as_tuples(calls) == [("x", "f", A)]


def test_a_call_without_a_name_is_dropped() -> None:
    assert assemble(part(0, "x", None, "{}"), part(1, "y", "", "{}")) == []


def test_whole_calls_are_never_joined() -> None:
    assembler = CallAssembler()
    for _ in range(2):
        call = msgspec.convert(part(0, "x", "f", '{"a":1}'), openai.ChatCompletionToolCall)
        assembler.receive(call, whole=True)
    first, second = assembler.close()
    assert first.function.arguments == second.function.arguments == A
    assert first.id == "x" != second.id


def test_the_number_of_calls_is_limited() -> None:
    fragments = [part(at, f"x{at}", "f", "{}") for at in range(MOST_CALLS + 10)]
    assert len(assemble(*fragments)) == MOST_CALLS


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("", {}),
        ("  ", {}),
        ("{}", {}),
        ("null", {}),
        ('""', {}),
        ('{"a":1}', A),
        (' {"a" : 1}\n', A),
        (r'"{\"a\":1}"', A),
        ('{"b":{"y":1,"x":2},"a":[]}', {"b": {"y": 1, "x": 2}, "a": []}),
        ('{"a":1', {"_raw": '{"a":1'}),
        ("[1]", {"_raw": "[1]"}),
        ("Oslo", {"_raw": "Oslo"}),
        ('"Oslo"', {"_raw": '"Oslo"'}),
        ("[" * 9999, {"_raw": "[" * 9999}),
        (r'{"a":"\ud83d"}', {"_raw": r'{"a":"\ud83d"}'}),
        ('{"a":NaN}', {"_raw": '{"a":NaN}'}),
        ('{"a":1e999}', {"_raw": '{"a":1e999}'}),
    ],
    ids=[
        "empty", "spaces", "an empty object", "null", "an empty string", "an object", "with spaces",
        "encoded twice", "nested", "truncated", "a list", "a word", "a string", "too deep",
        "a lone surrogate", "NaN", "infinity",
    ],
)  # fmt: skip
def test_arguments_are_parsed_as_an_object(text: str, arguments: dict[str, Any]) -> None:
    assert parse_arguments(text) == arguments


@pytest.mark.parametrize("arguments", [None, ""], ids=repr)
def test_missing_arguments_become_an_empty_object(arguments: str | None) -> None:
    [call] = assemble(part(0, "x", "f", arguments))
    assert call.function.arguments == {}


PARTS = st.builds(
    part,
    st.sampled_from([None, 0, 1, 2, -1]),
    st.sampled_from([None, "", "x", "y", "0", "null"]),
    st.sampled_from([None, "", "f", "g"]),
    st.sampled_from([None, "", "{", '"a":', "1}", '{"a":1}', "}", r'"\ud800', A, [1], 5]),
)


@given(st.lists(PARTS, max_size=8))
@settings(max_examples=200)
def test_any_fragments_produce_valid_calls(fragments: list[dict[str, Any]]) -> None:
    calls = assemble(*fragments)
    documents = msgspec.json.decode(msgspec.json.encode(calls))
    assert [call["function"]["index"] for call in documents] == [*range(len(calls))]
    assert len({call["id"] for call in documents}) == len(calls)
    assert all(isinstance(call["function"]["arguments"], dict) for call in documents)
