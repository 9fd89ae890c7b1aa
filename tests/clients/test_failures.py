"""What every client makes of what goes wrong."""

from collections.abc import Callable

import pytest

from tests.clients import dialogue
from tests.clients.driver import Driver
from tests.e2e.scripted_backend import ScriptedBackend

MODEL = "gpt-4o"

type Hold = Callable[[bool, object], None]


@pytest.mark.check("unknown")
def test_an_unknown_model_is_the_clients_own_not_found(
    driver: Driver, host: str, script: ScriptedBackend
) -> None:
    raised = driver.ask("whole", host, "nosuch")["raised"]
    not_found = raised["status"] == 404 or "UnknownModelError" in raised["kinds"]
    assert not_found, raised
    assert script.asked == []


@pytest.mark.check("refused")
def test_a_refusal_is_raised_before_any_text(
    driver: Driver, host: str, script: ScriptedBackend, hold: Hold
) -> None:
    script.will_say(dialogue.TOO_LONG)
    told = driver.ask("stream", host, MODEL)
    assert not told.get("pieces")
    assert told["raised"]["status"] in (400, None)
    assert len(script.asked) == 1
    hold("the prompt is too long" in told["raised"]["message"], told)


@pytest.mark.check("broken")
def test_a_failure_in_the_text_is_raised_after_what_came(
    driver: Driver, host: str, script: ScriptedBackend, hold: Hold
) -> None:
    script.will_say(dialogue.breaks_off)
    told = driver.ask("stream", host, MODEL)
    assert "".join(told["pieces"]) == "Hello"
    hold("out of memory" in told.get("raised", {}).get("message", ""), told)


@pytest.mark.check("leave")
def test_who_leaves_closes_the_connection_to_the_backend(
    driver: Driver, host: str, script: ScriptedBackend, hold: Hold
) -> None:
    script.will_say(dialogue.pauses)
    told = driver.ask("leave", host, MODEL)
    assert told["pieces"] == ["Hel"]
    hold(script.closed.wait(dialogue.PAUSE - 2), "the connection is open")
