"""Tools: their definitions, and the calls of earlier turns."""

from collections.abc import Mapping
from typing import Any

import msgspec
from ollama_openai_proxy_models import ollama, openai

from .tool_names import NO_NAMES

_encode = msgspec.json.Encoder().encode


def openai_tools(
    definitions: list[ollama.Tool] | None, plain: Mapping[str, str] = NO_NAMES
) -> list[openai.Tool]:
    """The definitions, their schemas whole, by their `plain` names where they have one.

    What names no function is left out.
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
    """Gives each call of the history an id, and each result the id of its call.

    Most clients send neither ids nor names back (ollama-python strips them). Ids are counted, so
    that the same history has the same ids at every turn and a backend's prefix cache keeps its
    worth; nine letters and digits, which is all that Mistral takes.
    """

    def __init__(self, plain: Mapping[str, str] = NO_NAMES) -> None:
        self._plain = plain
        self._count = 0
        self._open: dict[str, str] = {}

    def open(self, calls: list[ollama.RequestToolCall]) -> list[openai.ToolCall]:
        """The calls of one assistant message, which now wait for results."""
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
        """The id of the call that a result belongs to: by id, else by name, else the next one.

        Dify puts the id where the name belongs.
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
        """The ids that still wait; they no longer do."""
        ids = list(self._open)
        self._open.clear()
        return ids
