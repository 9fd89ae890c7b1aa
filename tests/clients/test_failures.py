"""Errors and disconnects with every client."""

from collections.abc import Callable

import pytest

from tests.clients import dialogue
from tests.clients.driver import Driver
from tests.e2e.scripted_backend import ScriptedBackend

MODEL = "gpt-4o"

type Expect = Callable[[bool, object], None]


@pytest.mark.check("unknown")
def test_an_unknown_model_raises_the_not_found_error_of_the_client(
    driver: Driver, host: str, script: ScriptedBackend
) -> None:
    raised = driver.run("whole", host, "nosuch")["raised"]
    not_found = raised["status"] == 404 or "UnknownModelError" in raised["kinds"]
    assert not_found, raised
    assert script.requests == []


@pytest.mark.check("refused")
def test_an_error_before_the_stream_is_raised_before_any_text(
    driver: Driver, host: str, script: ScriptedBackend, expect: Expect
) -> None:
    script.enqueue(dialogue.TOO_LONG)
    result = driver.run("stream", host, MODEL)
    assert not result.get("pieces")
    assert result["raised"]["status"] in (400, None)
    assert len(script.requests) == 1
    expect("the prompt is too long" in result["raised"]["message"], result)


@pytest.mark.check("broken")
def test_an_error_in_the_stream_is_raised_after_the_text_before_it(
    driver: Driver, host: str, script: ScriptedBackend, expect: Expect
) -> None:
    script.enqueue(dialogue.breaks_off)
    result = driver.run("stream", host, MODEL)
    assert "".join(result["pieces"]) == "Hello"
    expect("out of memory" in result.get("raised", {}).get("message", ""), result)


@pytest.mark.check("leave")
def test_a_client_disconnect_closes_the_connection_to_the_backend(
    driver: Driver, host: str, script: ScriptedBackend, expect: Expect
) -> None:
    script.enqueue(dialogue.pauses)
    result = driver.run("leave", host, MODEL)
    assert result["pieces"] == ["Hel"]
    expect(script.closed.wait(dialogue.PAUSE - 2), "the connection to the backend is still open")
