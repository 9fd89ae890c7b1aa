"""Assembly of tool calls that a backend streams in fragments."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from ollama_openai_proxy_models import ollama, openai

from ..request.tool_names import NO_NAMES

type Fragment = openai.ChatCompletionMessageToolCallChunk | openai.ChatCompletionToolCall

MOST_CALLS = 256
"""Maximum number of calls in one response, to bound memory. Further calls are ignored."""


class _Call:
    """One call, as far as it has been received.

    `whole` are arguments that the backend sent as an object; `arguments` are fragments of JSON.
    """

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
        """Whether `arguments` repeat the complete ones received so far.

        LocalAI and OpenRouter repeat complete calls, later or with a different index.
        """
        if not (arguments.startswith("{") and arguments.endswith("}")):
            return False
        return arguments == "".join(self.arguments) and "_raw" not in parse_arguments(arguments)


class CallAssembler:
    """Assembles tool calls from the fragments of all known dialects.

    OpenAI identifies a call by `index` and sends its ID and name in the first fragment. Other
    backends omit the index, always send 0, repeat the ID, use several indexes for one ID, or send
    the call in one piece.
    """

    def __init__(self, names: Mapping[str, str] = NO_NAMES) -> None:
        """`names` maps the function names sent to the backend to the client's names."""
        self._names = names
        self._calls: list[_Call] = []
        self._returned = 0
        self._used_ids: set[str] = set()

    def receive(self, fragment: Fragment, whole: bool = False) -> None:
        """Add a fragment. With `whole` it is a complete call, not part of an earlier one."""
        function = fragment.function
        if function is None:
            return
        id_ = _id(fragment.id) or _id(function.id)
        if id_ in self._used_ids:  # belongs to a call that was returned already
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
        """The complete calls since the last `close`, in the order of their first fragments.

        Missing and duplicate IDs are replaced by ones derived from `seed` and the call's position,
        so that the same response always has the same IDs.
        """
        named = [call for call in self._calls if call.name]
        self._calls = []
        calls = []
        for index, call in enumerate(named, self._returned):
            unique = call.id and call.id not in self._used_ids
            id_ = call.id if unique else _derived_id(seed, index, call.name)
            self._used_ids.add(id_)
            call.name = self._names.get(call.name, call.name)
            calls.append(_to_ollama(call, id_, index))
        self._returned += len(calls)
        return calls

    def _slot(self, id_: str, index: int | None, name: str) -> _Call | None:
        """The call that a fragment belongs to; None if there are too many calls."""
        if id_:
            known = next((call for call in self._calls if call.id == id_), None)
            if known is not None:
                return known
        latest = self._latest(index)
        if latest is not None and not _starts_new_call(latest, id_, index, name):
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


def _starts_new_call(call: _Call, id_: str, index: int | None, name: str) -> bool:
    """Whether a fragment with the index of `call` starts a new call instead."""
    named_again = bool(name) and bool(call.name)
    if id_:
        return call.id != id_ and (bool(call.id) or named_again)
    return index is None and named_again


def _id(value: Any) -> str:
    """`value` if it can identify a call, else "".

    Mistral sends "null" and TGI "0" as the ID of every call.
    """
    return value if isinstance(value, str) and value not in ("null", "0") else ""


def _derived_id(seed: str, index: int, name: str) -> str:
    """An ID in Ollama's format: `call_` and eight letters or digits."""
    return "call_" + hashlib.sha256(f"{seed}/{index}/{name}".encode()).hexdigest()[:8]


def _to_ollama(call: _Call, id_: str, index: int) -> ollama.ToolCall:
    arguments = call.whole if call.whole is not None else parse_arguments("".join(call.arguments))
    return ollama.ToolCall(
        id=id_,
        index=index,
        function=ollama.ToolCallFunction(index=index, name=call.name, arguments=arguments),
    )


def parse_arguments(text: str) -> dict[str, Any]:
    """Decode arguments to an object, as Ollama's clients require.

    Models sometimes generate invalid or doubly encoded JSON, and a token limit may truncate it. If
    the arguments are not an object, the text is returned unchanged as `{"_raw": text}`.
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
