"""Conversion of `think` to the reasoning fields of each dialect."""

from typing import Any

import msgspec
import pytest

from ollama_openai_proxy.profiles.dialects import DIALECTS
from ollama_openai_proxy.translator.request.reasoning import openai_reasoning


def fields_for(think: bool | str | None, dialect: str) -> Any:
    return msgspec.to_builtins(openai_reasoning(think, DIALECTS[dialect]))


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_think_is_not_sent_if_the_client_does_not_set_it(dialect: str) -> None:
    assert fields_for(None, dialect) == {}


@pytest.mark.parametrize("dialect", ["generic", "openai", "azure", "groq"])
@pytest.mark.parametrize(
    ("think", "fields"),
    [
        (True, {}),
        (False, {}),
        ("low", {"reasoning_effort": "low"}),
        ("medium", {"reasoning_effort": "medium"}),
        ("high", {"reasoning_effort": "high"}),
        ("max", {"reasoning_effort": "high"}),
    ],
)
def test_a_level_becomes_reasoning_effort_and_a_boolean_is_not_sent(
    dialect: str, think: bool | str, fields: dict[str, Any]
) -> None:
    assert fields_for(think, dialect) == fields


@pytest.mark.parametrize("dialect", ["llamacpp", "vllm"])
@pytest.mark.parametrize(
    ("think", "kwargs"),
    [
        (True, {"enable_thinking": True}),
        (False, {"enable_thinking": False}),
        ("low", {"enable_thinking": True, "reasoning_effort": "low"}),
        ("max", {"enable_thinking": True, "reasoning_effort": "high"}),
    ],
)
def test_local_servers_get_chat_template_kwargs(
    dialect: str, think: bool | str, kwargs: dict[str, Any]
) -> None:
    assert fields_for(think, dialect) == {"chat_template_kwargs": kwargs}


@pytest.mark.parametrize(
    ("think", "fields"),
    [
        (True, {"thinking": {"type": "enabled"}}),
        (False, {"thinking": {"type": "disabled"}}),
        ("low", {"thinking": {"type": "enabled"}, "reasoning_effort": "low"}),
    ],
)
def test_deepseek_gets_a_thinking_object(think: bool | str, fields: dict[str, Any]) -> None:
    assert fields_for(think, "deepseek") == fields


@pytest.mark.parametrize(
    ("think", "reasoning"),
    [(True, {"enabled": True}), (False, {"enabled": False}), ("high", {"effort": "high"})],
)
def test_openrouter_gets_a_reasoning_object(think: bool | str, reasoning: dict[str, Any]) -> None:
    assert fields_for(think, "openrouter") == {"reasoning": reasoning}


@pytest.mark.parametrize("think", [True, False, "high"])
def test_mistral_gets_no_reasoning_fields(think: bool | str) -> None:
    assert fields_for(think, "mistral") == {}
