"""Tool definitions, and pairing of calls with results."""

from typing import Any

import msgspec
import pytest
from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.translator.request.tools import Pairing, openai_tools
from tests.fakes.specification import complaints

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"City": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}},
    "additionalProperties": False,
}


def sent(*tools: dict[str, Any]) -> list[Any]:
    definitions = openai_tools(msgspec.convert(tools, list[ollama.Tool]))
    assert not [
        c for definition in definitions for c in complaints("openai.yaml", "Tool", definition)
    ]
    documents: list[Any] = msgspec.json.decode(msgspec.json.encode(definitions))
    return documents


def open_calls(pairing: Pairing, *calls: tuple[str | None, str]) -> list[str]:
    requests = [{"id": id_, "function": {"name": name}} for id_, name in calls]
    return [
        call.id for call in pairing.open(msgspec.convert(requests, list[ollama.RequestToolCall]))
    ]


@pytest.mark.parametrize("tools", [None, []])
def test_the_list_is_empty_without_tools(tools: list[ollama.Tool] | None) -> None:
    assert openai_tools(tools) == []


def test_a_schema_is_forwarded_unchanged() -> None:
    function = {"name": "f", "description": "Does it.", "parameters": SCHEMA}
    assert sent({"type": "function", "function": function}) == [
        {"type": "function", "function": function}
    ]


@pytest.mark.parametrize(
    "tool",
    [
        {"function": {"name": "f"}},
        {"type": "", "function": {"name": "f", "description": "", "parameters": {}}},
        {"type": "function", "function": {"name": "f", "description": None, "parameters": None}},
        {"type": "function", "function": {"name": "f", "strict": True}, "extra": 1},
    ],
    ids=["no type", "empty", "null", "unknown fields"],
)
def test_a_tool_needs_only_a_function_name(tool: dict[str, Any]) -> None:
    assert sent(tool) == [{"type": "function", "function": {"name": "f"}}]


@pytest.mark.parametrize("tool", [{}, {"function": None}, {"function": {"name": ""}}])
def test_a_tool_without_a_function_name_is_dropped(tool: dict[str, Any]) -> None:
    assert sent(tool, {"function": {"name": "f"}}) == sent({"function": {"name": "f"}})


def test_a_call_keeps_its_id() -> None:
    assert open_calls(Pairing(), ("x", "f"), ("y", "f")) == ["x", "y"]


def test_a_duplicate_call_id_is_replaced() -> None:
    pairing = Pairing()
    first, second = open_calls(pairing, ("x", "f"), ("x", "g"))
    assert first == "x" != second
    assert [pairing.answer("x", None), pairing.answer("x", None)] == [first, second]


def test_a_call_accepts_only_one_result() -> None:
    pairing = Pairing()
    open_calls(pairing, ("x", "f"))
    assert pairing.answer("x", "f") == "x"
    assert pairing.answer("x", "f") is None


def test_unanswered_calls_are_returned_once_and_then_closed() -> None:
    pairing = Pairing()
    open_calls(pairing, ("x", "f"), ("y", "g"))
    pairing.answer("y", None)
    assert pairing.unanswered() == ["x"]
    assert pairing.unanswered() == []
    assert pairing.answer("x", "f") is None
