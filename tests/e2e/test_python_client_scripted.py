"""The official Python client, unmodified, for what the small model cannot do."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ollama import AsyncClient, Client, Message, ResponseError

from tests.e2e.scripted_backend import ScriptedBackend, streamed, whole
from tests.fakes.limits import HANG
from tests.fakes.transport import chunk, completion, events, usage

MODEL = "gpt-4o"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LIMIT = {"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limited"}}


def get_weather(city: str) -> str:
    """The weather of a city.

    Args:
      city: the name of the city
    """
    return f"9 degrees in {city}"


@pytest.fixture
def client(scripted_url: str) -> Iterator[Client]:
    with Client(host=scripted_url, timeout=HANG) as client:
        yield client


def _question() -> list[Mapping[str, Any] | Message]:
    return [{"role": "user", "content": "How is the weather?"}]


def _call(id_: str, city: str) -> dict[str, Any]:
    arguments = json.dumps({"city": city})
    function = {"name": "get_weather", "arguments": arguments}
    return {"id": id_, "type": "function", "function": function}


def _fragments(index: int, id_: str, city: str) -> list[dict[str, Any]]:
    """A streamed tool call: the name first, then the arguments in two fragments."""
    head = {"index": index, **_call(id_, city)}
    arguments = head["function"]["arguments"]
    head["function"]["arguments"] = ""
    tails = [
        {"index": index, "function": {"arguments": part}} for part in (arguments[:6], arguments[6:])
    ]
    return [chunk(tool_calls=[piece]) for piece in (head, *tails)]


def _check_results(messages: list[dict[str, Any]], cities: list[str]) -> None:
    """After the user message come the tool calls, then each result with the id of its call."""
    _, assistant, *results = messages
    calls = assistant["tool_calls"]
    ids = [call["id"] for call in calls]
    assert all(isinstance(id_, str) and id_ for id_ in ids)
    assert len(set(ids)) == len(cities)
    assert {call["type"] for call in calls} == {"function"}
    texts = [call["function"]["arguments"] for call in calls]
    assert [json.loads(text) for text in texts] == [{"city": city} for city in cities]
    assert [(result["role"], result["tool_call_id"]) for result in results] == [
        ("tool", id_) for id_ in ids
    ]
    assert [result["content"] for result in results] == [get_weather(city) for city in cities]


def test_the_result_of_a_tool_call_gets_the_id_of_the_call(
    client: Client, script: ScriptedBackend
) -> None:
    script.enqueue(
        whole(completion(None, "tool_calls", tool_calls=[_call("call_x", "Oslo")])),
        whole(completion("It is cold.")),
    )
    messages = _question()
    first = client.chat(MODEL, messages=messages, tools=[get_weather])
    assert first.done_reason == "stop"
    assert first.message.tool_calls is not None
    [call] = first.message.tool_calls
    assert call.function.name == "get_weather"
    assert isinstance(call.function.arguments, Mapping)
    result = get_weather(**call.function.arguments)
    messages += [
        first.message,
        {"role": "tool", "content": result, "tool_name": call.function.name},
    ]
    second = client.chat(MODEL, messages=messages, tools=[get_weather])
    assert second.message.content == "It is cold."
    assert second.message.tool_calls is None
    [tool] = script.requests[0]["tools"]
    assert tool["function"]["name"] == "get_weather"
    assert tool["function"]["parameters"]["required"] == ["city"]
    _check_results(script.requests[1]["messages"], ["Oslo"])


async def test_parallel_tool_calls_stream_one_per_line_and_results_match_in_order(
    scripted_url: str, script: ScriptedBackend
) -> None:
    calls = _fragments(0, "call_a", "Oslo") + _fragments(1, "call_b", "Rome")
    script.enqueue(
        streamed(
            *(events(call, done=False) for call in calls),
            events(chunk(finish="tool_calls"), usage(20, 9)),
        ),
        whole(completion("Cold, and warm.")),
    )
    messages = _question()
    async with AsyncClient(host=scripted_url, timeout=HANG) as client:
        stream = await client.chat(MODEL, messages=messages, tools=[get_weather], stream=True)
        parts = [part async for part in stream]
        lines = [part.message.tool_calls for part in parts if part.message.tool_calls]
        assert [len(line) for line in lines] == [1, 1]
        assert not parts[-1].message.tool_calls
        made = [call for line in lines for call in line]
        messages.append(Message(role="assistant", tool_calls=made))
        messages += [
            {"role": "tool", "content": get_weather(**call.function.arguments)} for call in made
        ]
        response = await client.chat(MODEL, messages=messages, tools=[get_weather])
    assert response.message.content == "Cold, and warm."
    _check_results(script.requests[1]["messages"], ["Oslo", "Rome"])


@pytest.mark.parametrize(("think", "effort"), [(True, None), ("high", "high")])
def test_reasoning_is_streamed_before_the_content_in_its_own_field(
    client: Client, script: ScriptedBackend, think: Any, effort: str | None
) -> None:
    script.enqueue(
        streamed(
            events(chunk(reasoning_content="Hm, "), chunk(reasoning_content="well."), done=False),
            events(chunk("Yes"), chunk("."), chunk(finish="stop"), usage(5, 6)),
        )
    )
    parts = list(client.chat(MODEL, messages=_question(), think=think, stream=True))
    assert [part.message.thinking for part in parts] == ["Hm, ", "well.", None, None, None]
    assert [part.message.content for part in parts] == ["", "", "Yes", ".", ""]
    assert script.requests[0].get("reasoning_effort") == effort


def test_a_complete_response_has_reasoning_in_its_own_field(
    client: Client, script: ScriptedBackend
) -> None:
    script.enqueue(whole(completion("Yes.", reasoning_content="Hm, well.")))
    response = client.generate(MODEL, "Is it?", think=True)
    assert (response.thinking, response.response) == ("Hm, well.", "Yes.")


def test_an_image_is_sent_to_the_backend_as_a_data_uri(
    client: Client, script: ScriptedBackend
) -> None:
    script.enqueue(whole(completion("A pixel.")), whole(completion("A pixel.")))
    message = {"role": "user", "content": "What is it?", "images": [PIXEL]}
    assert client.chat(MODEL, messages=[message]).message.content == "A pixel."
    assert client.generate(MODEL, "What is it?", images=[PIXEL]).response == "A pixel."
    for request in script.requests:
        text, image = request["messages"][0]["content"]
        assert text == {"type": "text", "text": "What is it?"}
        head, _, data = image["image_url"]["url"].partition(",")
        assert head == "data:image/png;base64"
        assert base64.b64decode(data) == PIXEL


def test_an_error_in_a_stream_is_raised_after_the_text_before_it(
    client: Client, script: ScriptedBackend
) -> None:
    failure = b'data: {"error":{"message":"out of memory","type":"server_error"}}\n\n'
    received = threading.Event()
    script.enqueue(streamed(events(chunk("Hel"), done=False), received, failure))
    stream = client.chat(MODEL, messages=_question(), stream=True)
    assert next(stream).message.content == "Hel"
    received.set()
    with pytest.raises(ResponseError) as raised:
        next(stream)
    assert raised.value.status_code == -1
    assert raised.value.error == "out of memory"


def test_a_rate_limit_of_the_backend_is_a_429(client: Client, script: ScriptedBackend) -> None:
    for call in (
        lambda: client.chat(MODEL, messages=_question()),
        lambda: next(client.chat(MODEL, messages=_question(), stream=True)),
        lambda: client.generate(MODEL, "hi"),
        lambda: client.embed(MODEL, "hi"),
    ):
        script.reset()
        script.enqueue(whole(LIMIT, 429))
        with pytest.raises(ResponseError, match="Rate limit reached") as raised:
            call()
        assert raised.value.status_code == 429
        assert len(script.requests) == 1
