"""One response in the wire formats of different backends."""

import json
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st


class Response(NamedTuple):
    """The content of a response, in any wire format."""

    reasoning: tuple[str, ...]
    texts: tuple[str, ...]
    calls: tuple[tuple[str, dict[str, int]], ...]
    finish: Literal["stop", "length"]
    usage: tuple[int, int] | None
    logprobs: bool
    end: Literal["complete", "error", "truncated"]


class Shape(NamedTuple):
    """The wire format in which a backend encodes a response."""

    reasoning: Literal["reasoning_content", "reasoning", "details", "fragments", "tags"]
    calls: Literal["openai", "whole", "ids", "bare", "constant", "objects"]
    first: Literal["", "null", "azure", "none"]
    role: Literal["first", "every", "never"]
    finish: Literal["separate", "merged", "missing"]
    usage: Literal["separate", "finish", "every"]
    error: Literal["data", "event", "field", "done", "finish"]
    newline: Literal["\n", "\r\n", "\r"]
    space: Literal[" ", ""]
    comments: bool
    done: bool


_TEXT = st.text("ab.é", min_size=1, max_size=4)
_COUNTS = st.tuples(st.integers(1, 99), st.integers(1, 99))
_ARGUMENTS = st.dictionaries(st.sampled_from("xy"), st.integers(0, 9), max_size=2)
_CALL = st.tuples(st.sampled_from(["f", "g"]), _ARGUMENTS)

RESPONSES = st.builds(
    Response,
    reasoning=st.lists(_TEXT, max_size=3).map(tuple),
    texts=st.lists(_TEXT, min_size=1, max_size=4).map(tuple),
    calls=st.lists(_CALL, max_size=3).map(tuple),
    finish=st.sampled_from(["stop", "length"]),
    usage=st.none() | _COUNTS,
    logprobs=st.booleans(),
    end=st.sampled_from(["complete", "complete", "error", "truncated"]),
)
SHAPES: st.SearchStrategy[Shape] = st.from_type(Shape)


def encoded(response: Response, shape: Shape) -> bytes:
    """Return the body of the stream."""
    lines = []
    for event in _events(response, shape):
        if shape.comments:
            lines += [": keep-alive", ""]
        lines += [f"data:{shape.space}{json.dumps(event, ensure_ascii=False)}", ""]
    if response.end == "error":
        lines += _error(shape)
    elif response.end == "complete" and (shape.done or shape.finish == "missing"):
        lines += [f"data:{shape.space}[DONE]", ""]
    return shape.newline.join([*lines, ""]).encode()


def _events(response: Response, shape: Shape) -> list[dict[str, Any]]:
    deltas = [
        *_first(shape),
        *_reasoning(response, shape),
        *_texts(response),
        *_calls(response, shape),
    ]
    events = [_event(delta, at, shape, response.logprobs) for at, delta in enumerate(deltas)]
    if shape.first == "azure":
        events.insert(0, {"id": "", "object": "", "choices": [], "prompt_filter_results": []})
    if response.end == "complete":
        _finish(events, response, shape)
        _add_usage(events, response, shape)
    return events


def _first(shape: Shape) -> list[dict[str, Any]]:
    firsts: dict[str, list[dict[str, Any]]] = {"": [{"content": ""}], "null": [{"content": None}]}
    return firsts.get(shape.first, [])


def _reasoning(response: Response, shape: Shape) -> Iterator[dict[str, Any]]:
    if shape.reasoning == "tags" and response.reasoning:
        yield {"content": "<think>\n"}
    for text in response.reasoning:
        match shape.reasoning:
            case "details":
                yield {"reasoning_details": [{"type": "reasoning.text", "text": text}]}
            case "fragments":
                part = {"type": "thinking", "thinking": [{"type": "text", "text": text}]}
                yield {"content": [part]}
            case "tags":
                yield {"content": text}
            case field:
                yield {field: text, "content": None}
    if shape.reasoning == "tags" and response.reasoning:
        yield {"content": "</think>\n\n"}


def _texts(response: Response) -> Iterator[dict[str, Any]]:
    for text in response.texts:
        yield {"content": text}


def _calls(response: Response, shape: Shape) -> Iterator[dict[str, Any]]:
    for at, (name, arguments) in enumerate(response.calls):
        text = json.dumps(arguments)
        id_, function = f"id{at}", {"name": name, "arguments": text}
        match shape.calls:
            case "openai":
                started = {"index": at, "id": id_, "function": {"name": name, "arguments": ""}}
                yield {"tool_calls": [started]}
                for part in (text[:1], text[1:]):
                    yield {"tool_calls": [{"index": at, "function": {"arguments": part}}]}
            case "whole":
                yield {"tool_calls": [{"index": at, "id": id_, "function": function}]}
            case "ids":
                for part in (text[:1], text[1:]):
                    function_part = {"name": name, "arguments": part}
                    yield {"tool_calls": [{"index": 0, "id": id_, "function": function_part}]}
            case "bare":
                yield {"content": "", "tool_calls": [{"function": function}]}
            case "constant":
                yield {"tool_calls": [{"index": at, "id": "null", "function": function}]}
            case "objects":
                whole = {"name": name, "arguments": arguments}
                yield {"tool_calls": [{"index": at, "id": id_, "function": whole}]}


def _event(delta: dict[str, Any], at: int, shape: Shape, logprobs: bool) -> dict[str, Any]:
    if shape.role == "every" or (shape.role == "first" and at == 0):
        delta = {"role": "assistant", **delta}
    choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": None}
    text = delta.get("content")
    if logprobs and isinstance(text, str) and text[:1] not in ("", "<"):
        choice["logprobs"] = {"content": [{"token": text, "logprob": -1.0, "top_logprobs": []}]}
    return {"id": "x", "object": "chat.completion.chunk", "choices": [choice]}


def _finish(events: list[dict[str, Any]], response: Response, shape: Shape) -> None:
    if shape.finish == "missing" and response.finish == "stop":
        return
    if shape.finish == "merged":
        events[-1]["choices"][0]["finish_reason"] = response.finish
        return
    choice = {"index": 0, "delta": {}, "finish_reason": response.finish}
    events.append({"id": "x", "choices": [choice]})


def _add_usage(events: list[dict[str, Any]], response: Response, shape: Shape) -> None:
    if response.usage is None:
        return
    prompt, generated = response.usage
    usage = {"prompt_tokens": prompt, "completion_tokens": generated}
    if shape.usage == "separate":
        events.append({"id": "x", "choices": [], "usage": usage})
    elif shape.usage == "finish":
        events[-1]["usage"] = usage
    else:
        for at, event in enumerate(events, 1):
            count = generated if at == len(events) else min(at, generated)
            event["usage"] = {**usage, "completion_tokens": count}


def _error(shape: Shape) -> list[str]:
    error = {"error": {"message": "boom", "code": 500}}
    data = f"data:{shape.space}{json.dumps(error)}"
    match shape.error:
        case "event":
            return ["event: error", data, ""]
        case "field":
            return [f"error: {json.dumps(error['error'])}", ""]
        case "done":
            return [data, "", f"data:{shape.space}[DONE]", ""]
        case "finish":
            choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
            return [f"data:{shape.space}{json.dumps({**error, 'choices': [choice]})}", ""]
        case _:
            return [data, ""]
