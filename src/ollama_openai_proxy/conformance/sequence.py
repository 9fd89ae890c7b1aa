"""Validates the order of lines in an NDJSON stream."""

from collections.abc import Callable
from typing import Any, NamedTuple

from .schemas import violations

type Line = dict[str, Any]

_SPEC = "ollama.yaml"
_COUNTERS = (
    "done_reason",
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_count",
    "eval_duration",
)


class _Rules(NamedTuple):
    """The rules for the final line of a stream."""

    is_final: Callable[[Line], bool]
    required: tuple[str, ...] = ()
    """Fields that the final line must have, and no other line may have."""
    optional: tuple[str, ...] = ()
    """Fields that the final line may have, and no other line may have."""
    text: tuple[str, ...] = ()
    """Path of the text, which must be empty in the final line."""


def _is_done(line: Line) -> bool:
    return line.get("done") is True


def _is_success(line: Line) -> bool:
    return line.get("status") == "success"


_RULES = {
    "ChatEvent": _Rules(_is_done, required=_COUNTERS, text=("message", "content")),
    "GenerateEvent": _Rules(
        _is_done, required=_COUNTERS, optional=("context",), text=("response",)
    ),
    "ProgressEvent": _Rules(_is_success),
}


class Sequence:
    """Validates one stream, whose lines have the schema `schema_name` in specs/ollama.yaml.

    Violations consist of JSON paths and rules, never of content.
    """

    def __init__(self, schema_name: str) -> None:
        self._schema = schema_name
        self._rules = _RULES[schema_name]
        self._ended = False

    def receive(self, line: Any) -> list[str]:
        """Return the violations of the next line, a decoded JSON document."""
        found = violations(_SPEC, self._schema, line, closed=True)
        if self._ended:
            found.append("$: a line after the final line")
        if not isinstance(line, dict):
            return found
        if "error" in line:
            self._ended = True
        elif self._rules.is_final(line):
            self._ended = True
            found += self._violations_of_final(line)
        else:
            found += self._violations_of_other(line)
        return found

    def close(self) -> list[str]:
        """Return the violations of a stream that ends here."""
        return [] if self._ended else ["$: the stream ends without a final line"]

    def _violations_of_final(self, line: Line) -> list[str]:
        rules = self._rules
        missing = [name for name in rules.required if name not in line]
        found = [f"$.{name}: missing in the final line" for name in missing]
        text: Any = line if rules.text else None
        for name in rules.text:
            text = text.get(name) if isinstance(text, dict) else None
        if text:
            found.append(f"$.{'.'.join(rules.text)}: text in the final line")
        return found

    def _violations_of_other(self, line: Line) -> list[str]:
        only_final = (*self._rules.required, *self._rules.optional)
        return [f"$.{name}: only allowed in the final line" for name in only_final if name in line]
