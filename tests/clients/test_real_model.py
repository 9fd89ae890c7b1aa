"""Every client with a small real model. The content of its responses does not matter."""

import math

import pytest

from tests.clients.driver import Driver
from tests.clients.driving import TEXTS

MODEL = "smollm2:135m"


@pytest.mark.check("real")
def test_a_real_model_returns_a_complete_response(driver: Driver, real_host: str) -> None:
    result = driver.run("whole", real_host, MODEL)
    assert result["text"].strip()
    assert all(count > 0 for count in result["usage"])


@pytest.mark.check("real")
def test_a_real_model_streams(driver: Driver, real_host: str) -> None:
    result = driver.run("stream", real_host, MODEL)
    assert "raised" not in result
    assert len([piece for piece in result["pieces"] if piece]) > 1
    assert all(count > 0 for count in result["usage"])


@pytest.mark.check("real")
def test_a_real_model_follows_a_schema(driver: Driver, real_host: str) -> None:
    result = driver.run("structured", real_host, MODEL)
    assert set(result["value"]) == {"city", "degrees"}, result


@pytest.mark.check("real", "embed", "embed with any model")
def test_a_real_model_returns_embeddings(driver: Driver, real_host: str) -> None:
    result = driver.run("embed", real_host, MODEL)
    assert [len(vector) for vector in result["vectors"]] == [576] * len(TEXTS)
    for vector in result["vectors"]:
        assert math.hypot(*vector) == pytest.approx(1, abs=1e-3)
    assert result["vectors"][0] == pytest.approx(result["vector"], abs=5e-3)
