"""Loaded models: those used within their keep_alive."""

import math
from datetime import UTC, datetime

import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.services.loaded_models import LoadedModels

MODEL = openai.Model(id="acme-7b")
OTHER = openai.Model(id="acme-70b")
NOW = 1_800_000_000 * 10**9
SECOND = 10**9


def ids(loaded_models: LoadedModels, now: int) -> list[str]:
    return [resident.model.id for resident in loaded_models.at(now)]


@pytest.fixture
def loaded_models() -> LoadedModels:
    return LoadedModels(300)


def test_no_model_is_loaded_at_the_start(loaded_models: LoadedModels) -> None:
    assert loaded_models.at(NOW) == []


@pytest.mark.parametrize(
    ("keep_alive", "seconds"), [(None, 300), (10.0, 10), (0.5, 0.5)], ids=["default", "10", "0.5"]
)
def test_a_model_stays_loaded_for_exactly_its_keep_alive(
    loaded_models: LoadedModels, keep_alive: float | None, seconds: float
) -> None:
    loaded_models.keep(MODEL, keep_alive, NOW)
    end = NOW + int(seconds * SECOND)
    assert ids(loaded_models, end - SECOND // 100) == ["acme-7b"]
    assert ids(loaded_models, end) == []


def test_expires_at_is_the_end_of_the_keep_alive(loaded_models: LoadedModels) -> None:
    loaded_models.keep(MODEL, 60, NOW)
    assert loaded_models.at(NOW)[0].expires_at == datetime.fromtimestamp(NOW // SECOND + 60, UTC)


def test_each_use_restarts_the_keep_alive(loaded_models: LoadedModels) -> None:
    loaded_models.keep(MODEL, None, NOW)
    loaded_models.keep(MODEL, None, NOW + 200 * SECOND)
    assert ids(loaded_models, NOW + 499 * SECOND) == ["acme-7b"]


def test_a_keep_alive_of_zero_unloads_at_once(loaded_models: LoadedModels) -> None:
    loaded_models.keep(MODEL, None, NOW)
    loaded_models.keep(OTHER, None, NOW)
    loaded_models.keep(MODEL, 0, NOW)
    assert ids(loaded_models, NOW) == ["acme-70b"]


def test_unloading_a_model_that_is_not_loaded_has_no_effect(loaded_models: LoadedModels) -> None:
    loaded_models.keep(MODEL, 0, NOW)
    assert loaded_models.at(NOW) == []


@pytest.mark.parametrize("forever", [math.inf, 1e18], ids=["infinity", "huge"])
def test_an_infinite_keep_alive_expires_in_about_292_years(
    loaded_models: LoadedModels, forever: float
) -> None:
    loaded_models.keep(MODEL, forever, NOW)
    years = (
        loaded_models.at(NOW)[0].expires_at - datetime.fromtimestamp(NOW / 1e9, UTC)
    ).days / 365.25
    assert 291 < years < 293


def test_a_request_without_keep_alive_does_not_change_that_of_a_loaded_model(
    loaded_models: LoadedModels,
) -> None:
    loaded_models.keep(MODEL, math.inf, NOW)
    loaded_models.keep(MODEL, None, NOW)
    assert ids(loaded_models, NOW + 301 * SECOND) == ["acme-7b"]


def test_an_expired_model_is_loaded_again_with_the_default_keep_alive(
    loaded_models: LoadedModels,
) -> None:
    loaded_models.keep(MODEL, 10, NOW)
    loaded_models.keep(MODEL, None, NOW + 11 * SECOND)
    assert ids(loaded_models, NOW + 300 * SECOND) == ["acme-7b"]


def test_with_an_infinite_default_models_stay_loaded() -> None:
    loaded_models = LoadedModels(math.inf)
    loaded_models.keep(MODEL, None, NOW)
    assert ids(loaded_models, NOW + 10**9 * SECOND) == ["acme-7b"]
