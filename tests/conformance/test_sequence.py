"""Rules for the sequence of lines in a stream."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ollama_openai_proxy.conformance.sequence import Sequence

COUNTERS = {
    "total_duration": 6,
    "load_duration": 1,
    "prompt_eval_count": 2,
    "prompt_eval_duration": 3,
    "eval_count": 4,
    "eval_duration": 5,
}
CHAT = {"model": "m", "created_at": "2026-03-04T05:06:07Z"}


def text(content: str) -> dict[str, Any]:
    return {**CHAT, "message": {"role": "assistant", "content": content}, "done": False}


LAST = {**text(""), "done": True, "done_reason": "stop", **COUNTERS}
ERROR = {"error": "the backend broke off"}
PIECE = {**CHAT, "response": "Hi", "done": False}
END = {**CHAT, "response": "", "done": True, "done_reason": "stop", "context": [1], **COUNTERS}
STEP = {"status": "pulling manifest"}
SUCCESS = {"status": "success"}


def violations(schema: str, *lines: Any) -> list[str]:
    sequence = Sequence(schema)
    found = [violation for line in lines for violation in sequence.receive(line)]
    return found + sequence.close()


@pytest.mark.parametrize(
    ("schema", "lines"),
    [
        ("ChatEvent", [text("Hi"), LAST]),
        ("ChatEvent", [LAST]),
        ("ChatEvent", [text("Hi"), ERROR]),
        ("ChatEvent", [ERROR]),
        ("GenerateEvent", [PIECE, PIECE, END]),
        ("ProgressEvent", [STEP, SUCCESS]),
        ("ProgressEvent", [STEP, ERROR]),
    ],
)
def test_a_valid_stream_has_no_violations(schema: str, lines: list[Any]) -> None:
    assert violations(schema, *lines) == []


@pytest.mark.parametrize(
    ("schema", "lines", "found"),
    [
        ("ChatEvent", [], ["$: the stream ends without a final line"]),
        ("ChatEvent", [text("Hi")], ["$: the stream ends without a final line"]),
        ("ProgressEvent", [STEP], ["$: the stream ends without a final line"]),
        ("ChatEvent", [LAST, LAST], ["$: a line after the final line"]),
        ("ChatEvent", [ERROR, text("Hi")], ["$: a line after the final line"]),
        ("GenerateEvent", [END, ERROR], ["$: a line after the final line"]),
        ("ProgressEvent", [SUCCESS, STEP], ["$: a line after the final line"]),
        (
            "ChatEvent",
            [{**text("Hi"), "eval_count": 1}, LAST],
            ["$.eval_count: only allowed in the final line"],
        ),
        (
            "GenerateEvent",
            [{**PIECE, "context": [1]}, END],
            ["$.context: only allowed in the final line"],
        ),
        (
            "ChatEvent",
            [{key: value for key, value in LAST.items() if key != "eval_count"}],
            ["$.eval_count: missing in the final line"],
        ),
        ("GenerateEvent", [{**END, "response": "Hi"}], ["$.response: text in the final line"]),
        (
            "ChatEvent",
            [{**LAST, "message": {"role": "assistant", "content": "Hi"}}],
            ["$.message.content: text in the final line"],
        ),
    ],
)
def test_violations_of_the_sequence_are_reported(
    schema: str, lines: list[Any], found: list[str]
) -> None:
    assert violations(schema, *lines) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ({**text("Hi"), "created_at": "2026-03-04T05:06:07"}, "$.created_at: format"),
        ({**text("Hi"), "extra": 1}, "$: additionalProperties"),
        ({"model": "m"}, "$: required"),
        ({**text("Hi"), "message": {"role": "assistant", "content": None}}, "$.message.content: type"),
        ({"error": None}, "$.error: type"),
        ([], "$: type"),
    ],
)  # fmt: skip
def test_an_invalid_line_is_reported_by_path_and_rule(line: Any, found: str) -> None:
    assert found in Sequence("ChatEvent").receive(line)


@given(
    schema=st.sampled_from(["ChatEvent", "GenerateEvent", "ProgressEvent"]),
    lines=st.lists(
        st.sampled_from([text("a"), LAST, ERROR, PIECE, END, STEP, SUCCESS]), max_size=5
    ),
)
def test_only_streams_with_exactly_one_final_line_are_valid(schema: str, lines: list[Any]) -> None:
    between, last = {
        "ChatEvent": (text("a"), LAST),
        "GenerateEvent": (PIECE, END),
        "ProgressEvent": (STEP, SUCCESS),
    }[schema]
    *before, ending = lines or [None]
    right = ending in (last, ERROR) and all(line == between for line in before)
    assert (violations(schema, *lines) == []) is right


@given(st.text(alphabet="äöüß☃", min_size=3))
def test_violations_do_not_quote_content(secret: str) -> None:
    found = violations(
        "ChatEvent", {**text(secret), "eval_count": secret}, {"error": [secret]}, secret
    )
    assert found
    assert all(secret not in violation for violation in found)
