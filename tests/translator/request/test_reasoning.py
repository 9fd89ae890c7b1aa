"""`think`, and the thoughts of a backend."""

from typing import Any

import msgspec
import pytest

from ollama_openai_proxy.profiles.dialects import DIALECTS
from ollama_openai_proxy.translator.request.reasoning import openai_reasoning


def asked(think: bool | str | None, dialect: str) -> Any:
    return msgspec.to_builtins(openai_reasoning(think, DIALECTS[dialect]))


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_who_does_not_ask_gets_the_models_default(dialect: str) -> None:
    assert asked(None, dialect) == {}


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
def test_a_depth_is_an_effort_and_a_plain_wish_must_not_fail(
    dialect: str, think: bool | str, fields: dict[str, Any]
) -> None:
    assert asked(think, dialect) == fields


@pytest.mark.parametrize("dialect", ["llamacpp", "vllm"])
@pytest.mark.parametrize(
    ("think", "wish"),
    [
        (True, {"enable_thinking": True}),
        (False, {"enable_thinking": False}),
        ("low", {"enable_thinking": True, "reasoning_effort": "low"}),
        ("max", {"enable_thinking": True, "reasoning_effort": "high"}),
    ],
)
def test_a_local_server_gets_arguments_for_its_template(
    dialect: str, think: bool | str, wish: dict[str, Any]
) -> None:
    assert asked(think, dialect) == {"chat_template_kwargs": wish}


@pytest.mark.parametrize(
    ("think", "fields"),
    [
        (True, {"thinking": {"type": "enabled"}}),
        (False, {"thinking": {"type": "disabled"}}),
        ("low", {"thinking": {"type": "enabled"}, "reasoning_effort": "low"}),
    ],
)
def test_deepseek_has_a_switch(think: bool | str, fields: dict[str, Any]) -> None:
    assert asked(think, "deepseek") == fields


@pytest.mark.parametrize(
    ("think", "wish"),
    [(True, {"enabled": True}), (False, {"enabled": False}), ("high", {"effort": "high"})],
)
def test_openrouter_has_a_field_of_its_own(think: bool | str, wish: dict[str, Any]) -> None:
    assert asked(think, "openrouter") == {"reasoning": wish}


@pytest.mark.parametrize("think", [True, False, "high"])
def test_mistral_is_asked_for_nothing(think: bool | str) -> None:
    assert asked(think, "mistral") == {}
