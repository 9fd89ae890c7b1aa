"""Successful requests with every client."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients import dialogue
from tests.clients.driver import Driver
from tests.clients.driving import PIXEL, TEXTS
from tests.e2e.scripted_backend import ScriptedBackend

MODEL = "gpt-4o"
COUNTS = [dialogue.PROMPT_TOKENS, dialogue.COMPLETION_TOKENS]
LONG = tuple(f"word{number} " for number in range(400))
LENGTHS = pytest.mark.parametrize("pieces", [("Yes",), LONG], ids=["a-token", "long"])


@pytest.mark.check("models")
def test_the_models_are_listed(driver: Driver, host: str, script: ScriptedBackend) -> None:
    result = driver.run("models", host, MODEL)
    assert result == {"models": ["gpt-4o:latest", "text-embedding-3-small:latest"]}


@LENGTHS
@pytest.mark.check("whole")
def test_a_complete_response_has_the_text_and_the_token_counts(
    driver: Driver, host: str, script: ScriptedBackend, pieces: tuple[str, ...]
) -> None:
    script.enqueue(dialogue.content(*pieces))
    assert driver.run("whole", host, MODEL) == {"text": "".join(pieces), "usage": COUNTS}


@LENGTHS
@pytest.mark.check("stream")
def test_a_stream_has_every_chunk_and_the_token_counts(
    driver: Driver, host: str, script: ScriptedBackend, pieces: tuple[str, ...]
) -> None:
    script.enqueue(dialogue.content(*pieces))
    result = driver.run("stream", host, MODEL)
    assert [piece for piece in result.pop("pieces") if piece] == list(pieces)
    assert result == {"usage": COUNTS}
    assert script.requests[0]["stream"] is True


@pytest.mark.check("call")
def test_a_tool_result_gets_the_id_of_its_call(
    driver: Driver, host: str, script: ScriptedBackend
) -> None:
    script.enqueue(dialogue.tool_calls(["Oslo"]), dialogue.content("It is cold."))
    result = driver.run("call", host, MODEL)
    assert result == {"calls": [["get_weather", {"city": "Oslo"}]], "text": "It is cold."}
    _check_turns(script, ["Oslo"])


@pytest.mark.check("calls")
def test_the_results_of_two_streamed_tool_calls_get_the_ids_of_their_calls(
    driver: Driver, host: str, script: ScriptedBackend, expect: Callable[[bool, object], None]
) -> None:
    script.enqueue(dialogue.tool_calls(dialogue.CITIES), dialogue.content("Cold, and warm."))
    result = driver.run("calls", host, MODEL)
    made = [["get_weather", {"city": city}] for city in dialogue.CITIES]
    assert script.requests[0]["stream"] is True
    expect(result == {"calls": made, "text": "Cold, and warm."}, result)
    _check_turns(script, dialogue.CITIES)


@pytest.mark.check("structured")
def test_the_backend_gets_the_schema_and_the_client_gets_the_value(
    driver: Driver, host: str, script: ScriptedBackend
) -> None:
    value = {"city": "Oslo", "degrees": 9}
    script.enqueue(dialogue.content('{"city": "Oslo", ', '"degrees": 9}'))
    assert driver.run("structured", host, MODEL) == {"value": value}
    sent = script.requests[0]["response_format"]
    assert sent["type"] == "json_schema"
    assert set(sent["json_schema"]["schema"]["properties"]) == set(value)


@pytest.mark.check("think")
def test_reasoning_is_separate_from_the_text(
    driver: Driver, host: str, script: ScriptedBackend
) -> None:
    script.enqueue(dialogue.content("Yes", ".", thinking=("Hm, ", "well.")))
    assert driver.run("think", host, MODEL) == {"thinking": "Hm, well.", "text": "Yes."}


@pytest.mark.check("plain")
def test_a_response_without_reasoning_has_only_text(
    driver: Driver, host: str, script: ScriptedBackend
) -> None:
    script.enqueue(dialogue.content("Yes", "."))
    assert driver.run("plain", host, MODEL) == {"thinking": "", "text": "Yes."}


@pytest.mark.check("picture")
def test_an_image_is_sent_to_the_backend(
    driver: Driver, host: str, script: ScriptedBackend
) -> None:
    script.enqueue(dialogue.content("A pixel."))
    assert driver.run("picture", host, MODEL) == {"text": "A pixel."}
    parts = [part for message in script.requests[0]["messages"] for part in _parts(message)]
    assert [part["image_url"]["url"] for part in parts if part["type"] == "image_url"] == [
        f"data:image/png;base64,{PIXEL}"
    ]
    assert any(part["type"] == "text" and part["text"] for part in parts)


@pytest.mark.check("embed")
def test_each_input_gets_its_embedding(driver: Driver, host: str, script: ScriptedBackend) -> None:
    script.enqueue(*[dialogue.vectors] * 3)
    result = driver.run("embed", host, "text-embedding-3-small")
    for text, vector in zip(TEXTS, result.pop("vectors"), strict=True):
        assert vector == pytest.approx(dialogue.vector(text), abs=1e-6)
    assert result.pop("vector") == pytest.approx(dialogue.vector(TEXTS[0]), abs=1e-6)
    assert result == {}


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def _check_turns(script: ScriptedBackend, cities: list[str]) -> None:
    """Check that the backend got the calls back, and each result with the id of its call."""
    first, second = script.requests
    [tool] = first["tools"]
    assert tool["function"]["name"] == "get_weather"
    assert tool["function"]["parameters"]["properties"]["city"]["type"] == "string"
    assistant, *results = second["messages"][-1 - len(cities) :]
    made = assistant["tool_calls"]
    assert [json.loads(call["function"]["arguments"]) for call in made] == [
        {"city": city} for city in cities
    ]
    assert [one["tool_call_id"] for one in results] == [call["id"] for call in made]
    assert len({call["id"] for call in made}) == len(cities)
    assert [one["content"].strip('"') for one in results] == [
        f"9 degrees in {city}" for city in cities
    ]
