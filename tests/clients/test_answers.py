"""What every client makes of answers that go well."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients import dialogue
from tests.clients.driver import Driver
from tests.clients.driving import PIXEL, TEXTS
from tests.e2e.scripted_backend import ScriptedBackend

MODEL = "gpt-4o"
COUNTS = [dialogue.PROMPT_TOKENS, dialogue.ANSWER_TOKENS]
LONG = tuple(f"word{number} " for number in range(400))
LENGTHS = pytest.mark.parametrize("pieces", [("Yes",), LONG], ids=["a-token", "long"])


@pytest.mark.check("models")
def test_the_list_has_the_model(driver: Driver, host: str, script: ScriptedBackend) -> None:
    told = driver.ask("models", host, MODEL)
    assert told == {"models": ["gpt-4o:latest", "text-embedding-3-small:latest"]}


@LENGTHS
@pytest.mark.check("whole")
def test_a_whole_answer_has_all_its_text_and_its_counts(
    driver: Driver, host: str, script: ScriptedBackend, pieces: tuple[str, ...]
) -> None:
    script.will_say(dialogue.says(*pieces))
    assert driver.ask("whole", host, MODEL) == {"text": "".join(pieces), "usage": COUNTS}


@LENGTHS
@pytest.mark.check("stream")
def test_a_stream_has_every_piece_and_the_counts(
    driver: Driver, host: str, script: ScriptedBackend, pieces: tuple[str, ...]
) -> None:
    script.will_say(dialogue.says(*pieces))
    told = driver.ask("stream", host, MODEL)
    assert [piece for piece in told.pop("pieces") if piece] == list(pieces)
    assert told == {"usage": COUNTS}
    assert script.asked[0]["stream"] is True


@pytest.mark.check("call")
def test_a_call_is_made_and_its_result_finds_its_call(
    driver: Driver, host: str, script: ScriptedBackend
) -> None:
    script.will_say(dialogue.calls(["Oslo"]), dialogue.says("It is cold."))
    told = driver.ask("call", host, MODEL)
    assert told == {"calls": [["get_weather", {"city": "Oslo"}]], "text": "It is cold."}
    _check_turns(script, ["Oslo"])


@pytest.mark.check("calls")
def test_two_calls_in_a_stream_are_made_and_their_results_find_their_calls(
    driver: Driver, host: str, script: ScriptedBackend, hold: Callable[[bool, object], None]
) -> None:
    script.will_say(dialogue.calls(dialogue.CITIES), dialogue.says("Cold, and warm."))
    told = driver.ask("calls", host, MODEL)
    made = [["get_weather", {"city": city}] for city in dialogue.CITIES]
    assert script.asked[0]["stream"] is True
    hold(told == {"calls": made, "text": "Cold, and warm."}, told)
    _check_turns(script, dialogue.CITIES)


@pytest.mark.check("structured")
def test_the_schema_reaches_the_backend_and_the_value_the_client(
    driver: Driver, host: str, script: ScriptedBackend
) -> None:
    value = {"city": "Oslo", "degrees": 9}
    script.will_say(dialogue.says('{"city": "Oslo", ', '"degrees": 9}'))
    assert driver.ask("structured", host, MODEL) == {"value": value}
    wanted = script.asked[0]["response_format"]
    assert wanted["type"] == "json_schema"
    assert set(wanted["json_schema"]["schema"]["properties"]) == set(value)


@pytest.mark.check("think")
def test_thoughts_are_apart_from_the_text(
    driver: Driver, host: str, script: ScriptedBackend
) -> None:
    script.will_say(dialogue.says("Yes", ".", thinking=("Hm, ", "well.")))
    assert driver.ask("think", host, MODEL) == {"thinking": "Hm, well.", "text": "Yes."}


@pytest.mark.check("plain")
def test_an_answer_without_thoughts_is_text_only(
    driver: Driver, host: str, script: ScriptedBackend
) -> None:
    script.will_say(dialogue.says("Yes", "."))
    assert driver.ask("plain", host, MODEL) == {"thinking": "", "text": "Yes."}


@pytest.mark.check("picture")
def test_a_picture_reaches_the_backend(driver: Driver, host: str, script: ScriptedBackend) -> None:
    script.will_say(dialogue.says("A pixel."))
    assert driver.ask("picture", host, MODEL) == {"text": "A pixel."}
    parts = [part for message in script.asked[0]["messages"] for part in _parts(message)]
    assert [part["image_url"]["url"] for part in parts if part["type"] == "image_url"] == [
        f"data:image/png;base64,{PIXEL}"
    ]
    assert any(part["type"] == "text" and part["text"] for part in parts)


@pytest.mark.check("embed")
def test_each_text_gets_its_vector(driver: Driver, host: str, script: ScriptedBackend) -> None:
    script.will_say(*[dialogue.vectors] * 3)
    told = driver.ask("embed", host, "text-embedding-3-small")
    for text, vector in zip(TEXTS, told.pop("vectors"), strict=True):
        assert vector == pytest.approx(dialogue.vector(text), abs=1e-6)
    assert told.pop("vector") == pytest.approx(dialogue.vector(TEXTS[0]), abs=1e-6)
    assert told == {}


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def _check_turns(script: ScriptedBackend, cities: list[str]) -> None:
    """The backend got the calls back, and each one's result under its id."""
    first, second = script.asked
    [tool] = first["tools"]
    assert tool["function"]["name"] == "get_weather"
    assert tool["function"]["parameters"]["properties"]["city"]["type"] == "string"
    assistant, *results = second["messages"][-1 - len(cities) :]
    made = assistant["tool_calls"]
    assert [json.loads(call["function"]["arguments"]) for call in made] == [
        {"city": city} for city in cities
    ]
    assert [result["tool_call_id"] for result in results] == [call["id"] for call in made]
    assert len({call["id"] for call in made}) == len(cities)
    assert [result["content"].strip('"') for result in results] == [
        f"9 degrees in {city}" for city in cities
    ]
