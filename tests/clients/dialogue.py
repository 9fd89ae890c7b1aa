"""Replies of the scripted backend, streamed if the request has `stream`."""

import json
from collections.abc import Callable
from typing import Any

from tests.e2e.scripted_backend import Reply, Step, streamed, whole
from tests.fakes.transport import chunk, completion, events, usage

type Script = Callable[[dict[str, Any]], Reply]

PROMPT_TOKENS, COMPLETION_TOKENS = 7, 3
PAUSE = 8.0
"""Seconds between the first and the second chunk of `pauses`."""
CITIES = ["Oslo", "Rome"]
TOO_LONG = whole(
    {"error": {"message": "the prompt is too long", "type": "invalid_request_error"}}, 400
)
_FAILURE = b'data: {"error":{"message":"out of memory","type":"server_error"}}\n\n'


def content(*contents: str, thinking: tuple[str, ...] = ()) -> Script:
    """A response with this content, streamed in the given chunks, and optionally reasoning."""

    def reply(request: dict[str, Any]) -> Reply:
        if not request.get("stream"):
            reasoning = {"reasoning_content": "".join(thinking)} if thinking else {}
            return whole(completion("".join(contents), **reasoning))
        reasoning_chunks = [chunk(reasoning_content=piece) for piece in thinking]
        return _stream(*reasoning_chunks, *(chunk(piece) for piece in contents), finish="stop")

    return reply


def tool_calls(cities: list[str]) -> Script:
    """A call of get_weather for each city. In a stream, each call comes in fragments."""

    def reply(request: dict[str, Any]) -> Reply:
        made = [_call(number, city) for number, city in enumerate(cities)]
        if not request.get("stream"):
            return whole(completion(None, "tool_calls", tool_calls=made))
        chunks = []
        for number, call in enumerate(made):
            arguments = call["function"]["arguments"]
            head = {**call, "index": number, "function": {"name": "get_weather", "arguments": ""}}
            tails = [
                {"index": number, "function": {"arguments": part}}
                for part in (arguments[:6], arguments[6:])
            ]
            chunks += [chunk(tool_calls=[piece]) for piece in (head, *tails)]
        return _stream(*chunks, finish="tool_calls")

    return reply


def vectors(request: dict[str, Any]) -> Reply:
    """One embedding for each input."""
    texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
    data = [
        {"object": "embedding", "index": index, "embedding": vector(text)}
        for index, text in enumerate(texts)
    ]
    tokens = {"prompt_tokens": 4, "total_tokens": 4}
    return whole({"object": "list", "data": data, "model": request["model"], "usage": tokens})


def vector(text: str) -> list[float]:
    return [0.6, 0.8, 0.0] if len(text) % 2 else [0.0, 0.6, 0.8]


def breaks_off(request: dict[str, Any]) -> Reply:
    """A stream with two chunks, then an error."""
    text = events(chunk("Hel"), chunk("lo"), done=False)
    return streamed(text, 0.2, _FAILURE)


def pauses(request: dict[str, Any]) -> Reply:
    """A stream with one chunk, a long pause, and more chunks."""
    rest: list[Step] = [events(chunk("."), done=False), 0.1] * 20
    return streamed(events(chunk("Hel"), done=False), PAUSE, *rest, events(usage(7, 3)))


def _call(number: int, city: str) -> dict[str, Any]:
    function = {"name": "get_weather", "arguments": json.dumps({"city": city})}
    return {"id": f"call_{number}", "type": "function", "function": function}


def _stream(*chunks: dict[str, Any], finish: str) -> Reply:
    steps = [events(one, done=False) for one in chunks]
    counts = usage(PROMPT_TOKENS, COMPLETION_TOKENS)
    return streamed(*steps, events(chunk(finish=finish), counts))
