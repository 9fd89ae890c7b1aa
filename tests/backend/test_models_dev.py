"""Model metadata from models.dev, for model lists without metadata."""

from typing import Any

import msgspec
import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.backend.models_dev import ModelFacts, facts_of, lacks_facts, with_facts


def model(id_: str = "gpt-4o", **fields: Any) -> openai.Model:
    return msgspec.convert({"id": id_, **fields}, openai.Model)


@pytest.mark.parametrize(
    ("host", "id_", "capabilities"),
    [
        ("api.openai.com", "gpt-4o", {"completion", "tools", "vision"}),
        ("api.openai.com", "o3", {"completion", "tools", "vision", "thinking"}),
        ("api.openai.com", "text-embedding-3-small", {"embedding"}),
        ("api.openai.com", "gpt-image-1", {"image"}),
        ("api.deepseek.com", "deepseek-chat", None),
        ("api.openai.com", "Qwen/Qwen3-8B", None),
        ("api.openai.com", "no-such-model", None),
        ("localhost", "no-such-model", None),
    ],
)
def test_a_row_is_found_by_host_and_id(host: str, id_: str, capabilities: set[str] | None) -> None:
    facts = facts_of(id_, host)
    if capabilities is None:
        assert facts is None or "completion" in facts.capabilities
    else:
        assert facts is not None
        assert set(facts.capabilities) == capabilities
        assert facts.context_length >= 0


def test_the_context_length_is_that_of_the_provider() -> None:
    assert facts_of("gpt-4o", "api.openai.com") == ModelFacts(
        ("completion", "tools", "vision"), 128_000
    )


def test_an_id_with_conflicting_rows_is_unknown_on_other_hosts() -> None:
    assert facts_of("gpt-4.1", "localhost") is None


def test_an_id_with_identical_rows_is_known_on_every_host() -> None:
    facts = facts_of("text-embedding-3-small", "litellm.test")
    assert facts == facts_of("text-embedding-3-small", "api.openai.com")


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({}, True),
        ({"context_length": 5}, True),
        ({"capabilities": []}, True),
        ({"context_length": 5, "supported_parameters": ["tools"]}, False),
        ({"meta": {}, "architecture": {}}, False),
        ({"max_model_len": 5, "supports_tools": False}, False),
    ],
    ids=["all", "capabilities", "context length", "OpenRouter", "llama.cpp", "Fireworks"],
)
def test_facts_are_missing_only_if_the_list_does_not_have_them(
    fields: dict[str, Any], missing: bool
) -> None:
    assert lacks_facts(model(**fields)) is missing


def test_only_missing_facts_are_filled_in() -> None:
    given = (
        model(),
        model(context_window=5),
        model(supports_tools=False),
        model("of our own", created=5),
    )
    bare, long, plain, own = with_facts(given, "api.openai.com")
    assert (bare.context_length, bare.capabilities) == (128_000, ["completion", "tools", "vision"])
    assert (long.context_length, long.context_window) == (None, 5)
    assert long.capabilities == ["completion", "tools", "vision"]
    assert (plain.context_length, plain.capabilities) == (128_000, None)
    assert own == given[-1]
