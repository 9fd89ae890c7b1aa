"""Translation of tool definitions, and of the tool calls of earlier turns."""

from collections.abc import Mapping
from typing import Any

import msgspec
from ollama_openai_proxy_models import ollama, openai

from .tool_names import NO_NAMES

_encode = msgspec.json.Encoder().encode


def openai_tools(
    definitions: list[ollama.Tool] | None, plain: Mapping[str, str] = NO_NAMES
) -> list[openai.Tool]:
    """The tool definitions for the backend, with complete parameter schemas.

    `plain` maps function names to those that are sent instead. Tools without a function name are
    left out.
    """
    return [
        openai.Tool(type="function", function=_function(tool.function, plain))
        for tool in definitions or []
        if tool.function is not None and tool.function.name
    ]


def _function(function: ollama.ToolFunction, plain: Mapping[str, str]) -> openai.FunctionDefinition:
    name = function.name or ""
    fields: dict[str, Any] = {"name": plain.get(name, name)}
    if function.description:
        fields["description"] = function.description
    if function.parameters:
        fields["parameters"] = function.parameters
    return openai.FunctionDefinition(**fields)


class Pairing:
    """Assigns an ID to each tool call of the history, and to each result the ID of its call.

    Most clients send back neither IDs nor names (ollama-python drops them). Missing IDs are
    numbered, so that the same history has the same IDs in every request and the backend's prefix
    cache stays valid. They have nine letters and digits, the only form that Mistral accepts.
    """

    def __init__(self, plain: Mapping[str, str] = NO_NAMES) -> None:
        self._plain = plain
        self._count = 0
        self._open: dict[str, str] = {}

    def open(self, calls: list[ollama.RequestToolCall]) -> list[openai.ToolCall]:
        """Translate the calls of one assistant message and register them as open."""
        opened = []
        for call in calls:
            if call.function is None or not call.function.name:
                continue
            id_ = call.id
            if not id_ or id_ in self._open:
                id_ = f"call{self._count:05d}"
            self._count += 1
            self._open[id_] = call.function.name
            arguments = _encode(call.function.arguments or {}).decode()
            name = self._plain.get(call.function.name, call.function.name)
            function = openai.FunctionCall(name=name, arguments=arguments)
            opened.append(openai.ToolCall(id=id_, type="function", function=function))
        return opened

    def answer(self, id_: str | None, name: str | None) -> str | None:
        """Close the open call that a result belongs to and return its ID; None if none is open.

        The call is found by ID, else by name, else the first open one is taken. `name` is also
        tried as an ID, because Dify sends the ID as the tool name.
        """
        for candidate in (id_, name):
            if candidate is not None and self._open.pop(candidate, None) is not None:
                return candidate
        matches = [open_ for open_, called in self._open.items() if called == name]
        chosen = next(iter(matches or self._open), None)
        if chosen is not None:
            del self._open[chosen]
        return chosen

    def unanswered(self) -> list[str]:
        """Close all calls that have no result yet and return their IDs."""
        ids = list(self._open)
        self._open.clear()
        return ids
