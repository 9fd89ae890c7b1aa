"""Names of functions that a backend refuses → ones that it takes, and back."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ollama_openai_proxy_models import ollama

from ...profiles.dialects import Dialect

NO_NAMES: Mapping[str, str] = MappingProxyType({})

_LONGEST = 64
_PLAIN = re.compile(rf"[A-Za-z0-9_-]{{1,{_LONGEST}}}", re.ASCII)
_REFUSED = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)


def plain_names(request: ollama.ChatRequest, dialect: Dialect) -> Mapping[str, str]:
    """Each name in `request` that the backend would refuse → the one to use in its place.

    The same request always has the same names, and no two functions have one in common.
    """
    if not dialect.plain_names:
        return NO_NAMES
    names = dict.fromkeys(_names(request))
    odd = [name for name in names if not _PLAIN.fullmatch(name)]
    taken = names.keys() - odd
    plain = {}
    for name in odd:
        plain[name] = _free(_REFUSED.sub("_", name), taken)
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


def _free(name: str, taken: set[str]) -> str:
    """`name`, cut to length, with a number where it is taken."""
    candidate, number = name[:_LONGEST], 1
    while candidate in taken:
        number += 1
        suffix = f"_{number}"
        candidate = name[: _LONGEST - len(suffix)] + suffix
    return candidate
