"""What the scripted backend says to the clients, whole or as a stream, as it is asked."""

import json
from collections.abc import Callable
from typing import Any

from tests.e2e.scripted_backend import Reply, Step, streamed, whole
from tests.fakes.transport import chunk, completion, events, usage

type Said = Callable[[dict[str, Any]], Reply]

PROMPT_TOKENS, ANSWER_TOKENS = 7, 3
PAUSE = 8.0  # seconds
CITIES = ["Oslo", "Rome"]
TOO_LONG = whole(
    {"error": {"message": "the prompt is too long", "type": "invalid_request_error"}}, 400
)
_FAILURE = b'data: {"error":{"message":"out of memory","type":"server_error"}}\n\n'


def says(*pieces: str, thinking: tuple[str, ...] = ()) -> Said:
    """An answer in these pieces."""

    def said(asked: dict[str, Any]) -> Reply:
        if not asked.get("stream"):
            thought = {"reasoning_content": "".join(thinking)} if thinking else {}
            return whole(completion("".join(pieces), **thought))
        thoughts = [chunk(reasoning_content=piece) for piece in thinking]
        return _stream(*thoughts, *(chunk(piece) for piece in pieces), finish="stop")

    return said


def calls(cities: list[str]) -> Said:
    """A call of get_weather for each of these cities, in fragments where it is a stream."""

    def said(asked: dict[str, Any]) -> Reply:
        made = [_call(number, city) for number, city in enumerate(cities)]
        if not asked.get("stream"):
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

    return said


def vectors(asked: dict[str, Any]) -> Reply:
    """For each text a vector of its own."""
    texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    data = [
        {"object": "embedding", "index": index, "embedding": vector(text)}
        for index, text in enumerate(texts)
    ]
    tokens = {"prompt_tokens": 4, "total_tokens": 4}
    return whole({"object": "list", "data": data, "model": asked["model"], "usage": tokens})


def vector(text: str) -> list[float]:
    return [0.6, 0.8, 0.0] if len(text) % 2 else [0.0, 0.6, 0.8]


def breaks_off(asked: dict[str, Any]) -> Reply:
    """Two pieces, and then an error."""
    said = events(chunk("Hel"), chunk("lo"), done=False)
    return streamed(said, 0.2, _FAILURE)


def pauses(asked: dict[str, Any]) -> Reply:
    """A piece, and after a long pause others."""
    rest: list[Step] = [events(chunk("."), done=False), 0.1] * 20
    return streamed(events(chunk("Hel"), done=False), PAUSE, *rest, events(usage(7, 3)))


def _call(number: int, city: str) -> dict[str, Any]:
    function = {"name": "get_weather", "arguments": json.dumps({"city": city})}
    return {"id": f"call_{number}", "type": "function", "function": function}


def _stream(*chunks: dict[str, Any], finish: str) -> Reply:
    steps = [events(one, done=False) for one in chunks]
    counts = usage(PROMPT_TOKENS, ANSWER_TOKENS)
    return streamed(*steps, events(chunk(finish=finish), counts))
