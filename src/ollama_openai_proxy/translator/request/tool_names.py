"""Replacement of function names that a backend rejects."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ollama_openai_proxy_models import ollama

from ...profiles.dialects import Dialect

NO_NAMES: Mapping[str, str] = MappingProxyType({})

_MAX_LENGTH = 64  # OpenAI's limit
_PLAIN = re.compile(rf"[A-Za-z0-9_-]{{1,{_MAX_LENGTH}}}", re.ASCII)
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)


def plain_names(request: ollama.ChatRequest, dialect: Dialect) -> Mapping[str, str]:
    """A map of each function name in `request` that the backend rejects to its replacement.

    Replacements are unique and depend on nothing but the request.
    """
    if not dialect.plain_names:
        return NO_NAMES
    names = dict.fromkeys(_names(request))
    rejected = [name for name in names if not _PLAIN.fullmatch(name)]
    taken = names.keys() - rejected
    plain = {}
    for name in rejected:
        plain[name] = _unused(_FORBIDDEN.sub("_", name), taken)
        taken.add(plain[name])
    return plain or NO_NAMES


def _names(request: ollama.ChatRequest) -> Iterable[str]:
    for tool in request.tools or []:
        if tool.function is not None and tool.function.name:
            yield tool.function.name
    for message in request.messages or []:
        for call in message.tool_calls or []:
            if call.function is not None and call.function.name:
                yield call.function.name


def _unused(name: str, taken: set[str]) -> str:
    """`name` truncated to the allowed length, with a number appended if it is taken."""
    candidate, number = name[:_MAX_LENGTH], 1
    while candidate in taken:
        number += 1
        suffix = f"_{number}"
        candidate = name[: _MAX_LENGTH - len(suffix)] + suffix
    return candidate
