"""Every client with a real model, which is small: what it says does not matter."""

import math

import pytest

from tests.clients.driver import Driver
from tests.clients.driving import TEXTS

MODEL = "smollm2:135m"


@pytest.mark.check("real")
def test_a_real_model_answers_whole(driver: Driver, real_host: str) -> None:
    told = driver.ask("whole", real_host, MODEL)
    assert told["text"].strip()
    assert all(count > 0 for count in told["usage"])


@pytest.mark.check("real")
def test_a_real_model_streams(driver: Driver, real_host: str) -> None:
    told = driver.ask("stream", real_host, MODEL)
    assert "raised" not in told
    assert len([piece for piece in told["pieces"] if piece]) > 1
    assert all(count > 0 for count in told["usage"])


@pytest.mark.check("real")
def test_a_real_model_keeps_to_a_schema(driver: Driver, real_host: str) -> None:
    told = driver.ask("structured", real_host, MODEL)
    assert set(told["value"]) == {"city", "degrees"}, told


@pytest.mark.check("real", "embed", "embed with any model")
def test_a_real_model_embeds(driver: Driver, real_host: str) -> None:
    told = driver.ask("embed", real_host, MODEL)
    assert [len(vector) for vector in told["vectors"]] == [576] * len(TEXTS)
    for vector in told["vectors"]:
        assert math.hypot(*vector) == pytest.approx(1, abs=1e-3)
    assert told["vectors"][0] == pytest.approx(told["vector"], abs=5e-3)
