"""Calls that a backend streams in fragments → whole ones."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from ollama_openai_proxy_models import ollama, openai

from ..request.tool_names import NO_NAMES

type Fragment = openai.ChatCompletionMessageToolCallChunk | openai.ChatCompletionToolCall

MOST_CALLS = 256
"""Calls of one answer beyond which fragments are ignored."""


class _Call:
    """One call, as far as it has arrived."""

    __slots__ = ("arguments", "id", "index", "name", "whole")

    def __init__(self, id_: str, index: int | None) -> None:
        self.id = id_
        self.index = index
        self.name = ""
        self.arguments: list[str] = []
        self.whole: dict[str, Any] | None = None

    def add(self, arguments: Any) -> None:
        if isinstance(arguments, dict):
            self.whole = arguments
        elif isinstance(arguments, str) and not self._is_repeated(arguments):
            self.arguments.append(arguments)

    def _is_repeated(self, arguments: str) -> bool:
        """LocalAI and OpenRouter send a whole call again, under another index or later."""
        if not (arguments.startswith("{") and arguments.endswith("}")):
            return False
        return arguments == "".join(self.arguments) and "_raw" not in parse_arguments(arguments)


class CallAssembler:
    """Puts the fragments of streamed calls together, in every dialect's manner.

    OpenAI keys fragments by `index`, with id and name in the first. Others leave the index out,
    keep it at 0, repeat the id, spread one id over several indexes or send the whole at once.
    """

    def __init__(self, names: Mapping[str, str] = NO_NAMES) -> None:
        """`names`: a function's name at the backend → its own."""
        self._names = names
        self._calls: list[_Call] = []
        self._given = 0
        self._used: set[str] = set()

    def receive(self, fragment: Fragment, whole: bool = False) -> None:
        """Takes the next fragment; one that is `whole` is a call of its own."""
        function = fragment.function
        if function is None:
            return
        id_ = _id(fragment.id) or _id(function.id)
        if id_ in self._used:  # of a call that was given already
            return
        call = (
            self._new(id_, None) if whole else self._slot(id_, fragment.index, function.name or "")
        )
        if call is None:
            return
        call.id = call.id or id_
        call.name = call.name or function.name or ""
        call.add(function.arguments)

    def close(self, seed: str = "") -> list[ollama.ToolCall]:
        """All calls, whole, in the order in which they began.

        A call whose id is missing or not its own gets one made from `seed` and its place, so that
        the same answer always has the same ids.
        """
        named = [call for call in self._calls if call.name]
        self._calls = []
        calls = []
        for index, call in enumerate(named, self._given):
            own = call.id and call.id not in self._used
            id_ = call.id if own else _mint(seed, index, call.name)
            self._used.add(id_)
            call.name = self._names.get(call.name, call.name)
            calls.append(_to_ollama(call, id_, index))
        self._given += len(calls)
        return calls

    def _slot(self, id_: str, index: int | None, name: str) -> _Call | None:
        if id_:
            known = next((call for call in self._calls if call.id == id_), None)
            if known is not None:
                return known
        latest = self._latest(index)
        if latest is not None and not _begins_another(latest, id_, index, name):
            return latest
        if not id_ and not name and self._calls:
            return self._calls[-1]
        return self._new(id_, index)

    def _new(self, id_: str, index: int | None) -> _Call | None:
        if len(self._calls) >= MOST_CALLS:
            return None
        self._calls.append(_Call(id_, index))
        return self._calls[-1]

    def _latest(self, index: int | None) -> _Call | None:
        if index is None:
            return self._calls[-1] if self._calls else None
        return next((call for call in reversed(self._calls) if call.index == index), None)


def _begins_another(call: _Call, id_: str, index: int | None, name: str) -> bool:
    """Whether a fragment that would go to `call` begins another one instead."""
    named_again = bool(name) and bool(call.name)
    if id_:
        return call.id != id_ and (bool(call.id) or named_again)
    return index is None and named_again


def _id(value: Any) -> str:
    """An id that tells calls apart; Mistral sends "null", TGI "0" for every call."""
    return value if isinstance(value, str) and value not in ("null", "0") else ""


def _mint(seed: str, index: int, name: str) -> str:
    """An id in Ollama's form, `call_` and eight letters or digits."""
    return "call_" + hashlib.sha256(f"{seed}/{index}/{name}".encode()).hexdigest()[:8]


def _to_ollama(call: _Call, id_: str, index: int) -> ollama.ToolCall:
    arguments = call.whole if call.whole is not None else parse_arguments("".join(call.arguments))
    return ollama.ToolCall(
        id=id_,
        index=index,
        function=ollama.ToolCallFunction(index=index, name=call.name, arguments=arguments),
    )


def parse_arguments(text: str) -> dict[str, Any]:
    """The arguments as an object, which is what Ollama's clients require.

    Models write broken or doubly encoded JSON at times, and a token limit cuts it short; what is
    no object even so stands whole under `_raw`, so that nothing is lost.
    """
    value: Any = text
    for _ in range(2):
        if not isinstance(value, str) or not value.strip():
            break
        try:
            value = msgspec.json.decode(value)
        except (ValueError, RecursionError):
            return {"_raw": text}
    if value is None or (isinstance(value, str) and not value.strip()):
        return {}
    return value if isinstance(value, dict) else {"_raw": text}
