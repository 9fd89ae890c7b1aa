"""The rules among the lines of a stream."""

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


def complaints(schema: str, *lines: Any) -> list[str]:
    sequence = Sequence(schema)
    found = [complaint for line in lines for complaint in sequence.receive(line)]
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
def test_a_stream_as_it_should_be_is_left_alone(schema: str, lines: list[Any]) -> None:
    assert complaints(schema, *lines) == []


@pytest.mark.parametrize(
    ("schema", "lines", "found"),
    [
        ("ChatEvent", [], ["$: the stream ends without a last line"]),
        ("ChatEvent", [text("Hi")], ["$: the stream ends without a last line"]),
        ("ProgressEvent", [STEP], ["$: the stream ends without a last line"]),
        ("ChatEvent", [LAST, LAST], ["$: a line after the last"]),
        ("ChatEvent", [ERROR, text("Hi")], ["$: a line after the last"]),
        ("GenerateEvent", [END, ERROR], ["$: a line after the last"]),
        ("ProgressEvent", [SUCCESS, STEP], ["$: a line after the last"]),
        (
            "ChatEvent",
            [{**text("Hi"), "eval_count": 1}, LAST],
            ["$.eval_count: in another line than the last"],
        ),
        (
            "GenerateEvent",
            [{**PIECE, "context": [1]}, END],
            ["$.context: in another line than the last"],
        ),
        (
            "ChatEvent",
            [{key: value for key, value in LAST.items() if key != "eval_count"}],
            ["$.eval_count: missing in the last line"],
        ),
        ("GenerateEvent", [{**END, "response": "Hi"}], ["$.response: text in the last line"]),
        (
            "ChatEvent",
            [{**LAST, "message": {"role": "assistant", "content": "Hi"}}],
            ["$.message.content: text in the last line"],
        ),
    ],
)
def test_what_is_wrong_among_the_lines_is_told(
    schema: str, lines: list[Any], found: list[str]
) -> None:
    assert complaints(schema, *lines) == found


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
def test_a_line_that_does_not_fit_is_told_by_path_and_rule(line: Any, found: str) -> None:
    assert found in Sequence("ChatEvent").receive(line)


@given(
    schema=st.sampled_from(["ChatEvent", "GenerateEvent", "ProgressEvent"]),
    lines=st.lists(
        st.sampled_from([text("a"), LAST, ERROR, PIECE, END, STEP, SUCCESS]), max_size=5
    ),
)
def test_only_streams_with_one_last_line_at_the_end_pass(schema: str, lines: list[Any]) -> None:
    between, last = {
        "ChatEvent": (text("a"), LAST),
        "GenerateEvent": (PIECE, END),
        "ProgressEvent": (STEP, SUCCESS),
    }[schema]
    *before, ending = lines or [None]
    right = ending in (last, ERROR) and all(line == between for line in before)
    assert (complaints(schema, *lines) == []) is right


@given(st.text(alphabet="äöüß☃", min_size=3))
def test_no_complaint_quotes_what_was_said(secret: str) -> None:
    told = complaints(
        "ChatEvent", {**text(secret), "eval_count": secret}, {"error": [secret]}, secret
    )
    assert told
    assert all(secret not in complaint for complaint in told)
