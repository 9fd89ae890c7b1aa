"""One difference between two descriptions, and whether it breaks clients."""

from dataclasses import dataclass
from typing import Any

# What a client sends must stay legal; what it reads must stay within what it knows.
# "narrowed" is said of values: fewer are legal than before; "changed": some come, some go.
_BREAKING: dict[str, set[str]] = {
    "request": {"narrowed", "changed"},
    "response": {"widened", "changed"},
    "call": {"removed"},
}
_SPECIAL: dict[tuple[str, str], bool] = {
    ("call", "header removed"): False,
    ("request", "property removed"): True,
    ("request", "requirement added"): True,
    ("request", "alternative removed"): True,
    ("request", "default removed"): True,
    ("response", "property removed"): True,
    ("response", "requirement removed"): True,
    ("response", "alternative added"): True,
    ("response", "other fields widened"): False,  # clients skip what they do not know
    ("response", "default changed"): False,
    ("response", "deprecation changed"): False,
    ("request", "deprecation changed"): False,
    ("call", "requirement added"): True,
}


@dataclass(frozen=True)
class Difference:
    """What a newer description says otherwise than ours."""

    operation: str
    pointer: str  # from the operation: POST /api/chat request.messages[].role
    schema: str  # from the innermost schema with a name: Message.role
    side: str  # request, response, or call for what is around bodies
    what: str  # enum widened, property removed, …
    ours: Any = None
    theirs: Any = None
    breaking: bool = False


def breaks(side: str, what: str, subject: Any = None) -> bool:
    """Whether a client written for ours may fail where theirs is served; `subject` came or went."""
    if what in ("property added", "parameter added", "body added"):
        return side != "response" and subject == "required"
    if what == "status removed":
        return str(subject).startswith("2")
    turn = what.rsplit(maxsplit=1)[-1]
    return _SPECIAL.get((side, what), turn in _BREAKING[side])
