"""Case-insensitive field names."""

from typing import Any

import pytest
from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.web.binding.key_case import fold, shape_of

CHAT = shape_of(ollama.ChatRequest)


def test_a_shape_has_the_wire_names() -> None:
    assert "_debug_render_only" in CHAT
    assert "field_debug_render_only" not in CHAT


@pytest.mark.parametrize(
    ("document", "folded"),
    [
        ({"MODEL": "x"}, {"model": "x"}),
        ({"Keep_Alive": 1, "model": "x"}, {"keep_alive": 1, "model": "x"}),
        ({"Messages": [{"ROLE": "user"}]}, {"messages": [{"role": "user"}]}),
        (
            {"messages": [{"Tool_Calls": [{"Function": {"Name": "f"}}]}]},
            {"messages": [{"tool_calls": [{"function": {"name": "f"}}]}]},
        ),
        ({"tools": [{"FUNCTION": {"NAME": "f"}}]}, {"tools": [{"function": {"name": "f"}}]}),
    ],
    ids=["at the top level", "with an underscore", "in a list", "nested", "in tools"],
)
def test_field_names_are_case_insensitive(document: Any, folded: Any) -> None:
    assert fold(document, CHAT) == folded


@pytest.mark.parametrize(
    "document",
    [
        {"options": {"Temperature": 1}},
        {"format": {"Type": "object"}},
        {"tools": [{"function": {"parameters": {"Type": "object"}}}]},
        {"messages": [{"tool_calls": [{"function": {"arguments": {"Name": "x"}}}]}]},
        {"Unknown": {"Model": 1}},
    ],
    ids=["an option", "a schema", "parameters", "an argument", "an unknown field"],
)
def test_keys_of_free_form_objects_keep_their_case(document: Any) -> None:
    assert fold(document, CHAT) == document


def test_the_later_of_two_spellings_wins() -> None:
    assert fold({"model": "x", "MODEL": "y"}, CHAT) == {"model": "y"}
    assert fold({"MODEL": "y", "model": "x"}, CHAT) == {"model": "x"}


@pytest.mark.parametrize(
    "document",
    [{"messages": "x"}, {"messages": ["x", None]}, {"messages": None}, {"tools": {"a": 1}}],
    ids=["a string", "a list of strings", "null", "an object"],
)
def test_values_of_the_wrong_type_are_unchanged(document: Any) -> None:
    assert fold(document, CHAT) == document
