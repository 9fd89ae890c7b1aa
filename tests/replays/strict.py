"""Decodes responses as strictly as clients in typed languages do."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

import httpx
import msgspec
from msgspec import Meta, Struct

from tests.fakes.transport import FakeTransport, chunk, events, stream_reply, usage

type Moment = Annotated[datetime, Meta(tz=True)]
type Natural = Annotated[int, Meta(ge=0)]
type Positive = Annotated[int, Meta(gt=0)]
type Text = Annotated[str, Meta(min_length=1)]

MODEL = "gpt-4o:latest"
WEATHER = (
    '{"type":"function","function":{"name":"get_weather","description":"The weather of a city",'
    '"parameters":{"type":"object","required":["city"],"properties":{"city":{"type":"string"}}}}}'
)
_NUMBER = re.compile(rb'"(?:size|[\w.]+_(?:duration|count|length|vram))":([^,}\]]+)')


class Failure(Struct, forbid_unknown_fields=True):
    error: Text


class Message(Struct):
    role: Literal["assistant"]
    content: str


class Line(Struct, kw_only=True):
    """The fields of a chat line that every client reads."""

    model: str
    created_at: Moment
    message: Message
    done: bool
    done_reason: str = ""


class LastLine(Line, kw_only=True):
    """The last line. All counters are required."""

    done: Literal[True]
    done_reason: Literal["stop", "length"]
    total_duration: Positive
    load_duration: Natural
    prompt_eval_count: Positive
    prompt_eval_duration: Natural
    eval_count: Positive
    eval_duration: Natural


def document[T](response: httpx.Response, kind: type[T]) -> T:
    """Decode a JSON response with status 200."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].partition(";")[0] == "application/json"
    _check_numbers(response.content)
    return msgspec.json.decode(response.content, type=kind)


def lines[T](response: httpx.Response, kind: type[T]) -> list[T]:
    """Decode every line of a stream. Blank lines fail."""
    return [msgspec.json.decode(line, type=kind) for line in raw_lines(response)]


def last_line(response: httpx.Response) -> LastLine:
    return msgspec.json.decode(raw_lines(response)[-1], type=LastLine)


def raw_lines(response: httpx.Response) -> list[bytes]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    _check_numbers(response.content)
    *complete, rest = response.content.split(b"\n")
    assert rest == b"", "the last line does not end in a newline, so clients ignore it"
    return complete


def reply_with(backend: FakeTransport, *chunks: dict[str, Any], finish: str = "stop") -> None:
    """Make the backend stream the chunks, a finish reason and token counts."""
    stream = events(*chunks, chunk(finish=finish), usage(7, 3))
    backend.reply("/chat/completions", stream_reply(stream))


def content(*pieces: str) -> list[dict[str, Any]]:
    return [chunk(piece) for piece in pieces]


def tool_calls(*cities: str) -> list[dict[str, Any]]:
    """One tool call of get_weather for each city."""
    return [
        chunk(tool_calls=[{**_call(number, city), "index": number}])
        for number, city in enumerate(cities)
    ]


def _call(number: int, city: str) -> dict[str, Any]:
    function = {"name": "get_weather", "arguments": f'{{"city":"{city}"}}'}
    return {"id": f"call_{number}", "type": "function", "function": function}


def _check_numbers(body: bytes) -> None:
    """Typed clients do not decode 1.0 or 1e9 as an integer."""
    assert all(re.fullmatch(rb"\d+", number) for number in _NUMBER.findall(body)), body
