"""Response parts as Ollama messages."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from ollama_openai_proxy_models import ollama, openai

from ollama_openai_proxy.translator.response.parts import Part, Text, Thinking
from ollama_openai_proxy.translator.response.usage import Counters
from ollama_openai_proxy.translator.response.writer import (
    ChatWriter,
    GenerateWriter,
    ResponseWriter,
    Timestamps,
)
from tests.fakes.specification import complaints

BEGAN = 1_767_323_045 * 10**9  # 2026-01-02T03:04:05Z
METRICS = Counters(70, 2, 9, 10, 3, 50)
CALL = ollama.ToolCall(
    id="x", index=0, function=ollama.ToolCallFunction(index=0, name="f", arguments={"a": 1})
)
TOKEN = {"token": "Hi", "logprob": -0.5, "bytes": [72, 105]}
LOGPROBS = msgspec.convert(
    [{**TOKEN, "top_logprobs": [TOKEN, {"token": "Ho", "logprob": -1.5, "bytes": None}]}],
    list[openai.ChatCompletionTokenLogprob],
)
KINDS = pytest.mark.parametrize("kind", [ChatWriter, GenerateWriter])


def document_of(response: Any) -> dict[str, Any]:
    """Encode and decode a response, and check that it matches the specification."""
    assert not complaints("ollama.yaml", type(response).__name__, response)
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(response))
    return document


def chat() -> ChatWriter:
    return ChatWriter("Acme:7b", BEGAN)


def generate() -> GenerateWriter:
    return GenerateWriter("Acme:7b", BEGAN)


def test_timestamps_are_in_utc() -> None:
    assert Timestamps(BEGAN).at(1_500_000_000) == datetime(2026, 1, 2, 3, 4, 6, 500_000, UTC)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (Text("Hi"), {"role": "assistant", "content": "Hi"}),
        (Thinking("hm"), {"role": "assistant", "content": "", "thinking": "hm"}),
        (
            CALL,
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {
                        "id": "x",
                        "index": 0,
                        "function": {"index": 0, "name": "f", "arguments": {"a": 1}},
                    }
                ],
            },
        ),
    ],
    ids=["text", "reasoning", "a call"],
)
def test_a_chat_line_has_one_part(part: Part, message: dict[str, Any]) -> None:
    document = document_of(chat().line(part, 0))
    assert document == {
        "model": "Acme:7b", "created_at": "2026-01-02T03:04:05Z", "message": message, "done": False,
    }  # fmt: skip
    assert [*document] == ["model", "created_at", "message", "done"]


@pytest.mark.parametrize(
    ("part", "fields"),
    [
        (Text("Hi"), {"response": "Hi"}),
        (Thinking("hm"), {"response": "", "thinking": "hm"}),
        (CALL, {"response": "", "tool_calls": [msgspec.to_builtins(CALL)]}),
    ],
    ids=["text", "reasoning", "a call"],
)
def test_a_generate_line_has_one_part(part: Part, fields: dict[str, Any]) -> None:
    assert document_of(generate().line(part, 0)) == {
        "model": "Acme:7b", "created_at": "2026-01-02T03:04:05Z", "done": False, **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "empty"),
    [(chat(), {"message": {"role": "assistant", "content": ""}}), (generate(), {"response": ""})],
    ids=["chat", "generate"],
)
@pytest.mark.parametrize("done_reason", ["stop", "length"])
def test_the_last_line_has_the_counters_and_no_text(
    lines: ResponseWriter, empty: dict[str, Any], done_reason: str
) -> None:
    assert document_of(lines.last(done_reason, METRICS, 0)) == {
        "model": "Acme:7b", "created_at": "2026-01-02T03:04:05Z", **empty,
        "done": True, "done_reason": done_reason,
        "total_duration": 70, "load_duration": 2, "prompt_eval_count": 9,
        "prompt_eval_duration": 10, "eval_count": 3, "eval_duration": 50,
    }  # fmt: skip


def test_keys_are_in_ollamas_order() -> None:
    counters = [
        "total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration",
        "eval_count", "eval_duration",
    ]  # fmt: skip
    parts: list[Part] = [Thinking("hm"), Text("Hi", LOGPROBS)]
    head = ["model", "created_at"]
    assert [*document_of(chat().whole(parts, "stop", METRICS, 0))] == [
        *head, "message", "done", "done_reason", "logprobs", *counters,
    ]  # fmt: skip
    assert [*document_of(generate().whole(parts, "stop", METRICS, 0))] == [
        *head, "response", "thinking", "done", "done_reason", *counters, "logprobs",
    ]  # fmt: skip


@KINDS
def test_a_whole_response_joins_its_parts(kind: type[ChatWriter | GenerateWriter]) -> None:
    parts: list[Part] = [
        Thinking("h", LOGPROBS), Thinking("m"), Text("H"), CALL, Text("i", LOGPROBS), CALL,
    ]  # fmt: skip
    document = document_of(kind("m", BEGAN).whole(parts, "stop", METRICS, 0))
    message = document.get("message", document)
    assert message.get("content", document.get("response")) == "Hi"
    assert message["thinking"] == "hm"
    assert len(message["tool_calls"]) == 2
    assert len(document["logprobs"]) == 2
    assert document["done"] is True


@KINDS
def test_missing_fields_are_omitted(kind: type[ChatWriter | GenerateWriter]) -> None:
    document = document_of(kind("m", BEGAN).whole([Text("Hi")], "stop", METRICS, 0))
    assert not {"thinking", "tool_calls", "logprobs", "error", "context"} & {
        *document,
        *document.get("message", ()),
    }


@pytest.mark.parametrize("done_reason", ["load", "unload"])
def test_load_and_unload_responses_have_no_counters(done_reason: str) -> None:
    head = {"model": "Acme:7b", "created_at": "2026-01-02T03:04:05Z"}
    tail = {"done": True, "done_reason": done_reason}
    empty = {"role": "assistant", "content": ""}
    assert document_of(chat().idle(done_reason, 0)) == {**head, "message": empty, **tail}
    assert document_of(generate().idle(done_reason, 0)) == {**head, "response": "", **tail}


@KINDS
@pytest.mark.parametrize(
    ("top", "expected"),
    [(0, None), (1, [TOKEN]), (5, [TOKEN, {"token": "Ho", "logprob": -1.5}])],
    ids=["none", "one", "more than available"],
)
def test_top_logprobs_has_at_most_the_requested_number(
    kind: type[ChatWriter | GenerateWriter], top: int, expected: list[Any] | None
) -> None:
    [entry] = document_of(kind("m", BEGAN, top).line(Text("Hi", LOGPROBS), 0))["logprobs"]
    assert entry == (TOKEN if expected is None else {**TOKEN, "top_logprobs": expected})


def test_log_probabilities_without_text_have_a_line() -> None:
    document = document_of(chat().line(Text("", LOGPROBS), 0))
    assert document["message"]["content"] == ""
    assert len(document["logprobs"]) == 1
