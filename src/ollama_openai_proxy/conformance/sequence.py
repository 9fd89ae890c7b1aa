"""The rules that hold among the lines of one NDJSON stream."""

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
    """What makes a line the last; the fields that it must have and may have, and no other line;
    and the text, which it has none of, by path."""

    ends: Callable[[Line], bool]
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    text: tuple[str, ...] = ()


def _is_done(line: Line) -> bool:
    return line.get("done") is True


def _is_success(line: Line) -> bool:
    return line.get("status") == "success"


_RULES = {
    "ChatEvent": _Rules(_is_done, must=_COUNTERS, text=("message", "content")),
    "GenerateEvent": _Rules(_is_done, must=_COUNTERS, may=("context",), text=("response",)),
    "ProgressEvent": _Rules(_is_success),
}


class Sequence:
    """One stream, whose lines have the schema `schema_name` of specs/ollama.yaml.

    What is wrong is told as it comes: paths and rules alone, never content.
    """

    def __init__(self, schema_name: str) -> None:
        self._schema = schema_name
        self._rules = _RULES[schema_name]
        self._ended = False

    def receive(self, line: Any) -> list[str]:
        """What is wrong with the next line, a decoded JSON document."""
        found = violations(_SPEC, self._schema, line, closed=True)
        if self._ended:
            found.append("$: a line after the last")
        if not isinstance(line, dict):
            return found
        if "error" in line:
            self._ended = True
        elif self._rules.ends(line):
            self._ended = True
            found += self._of_the_last(line)
        else:
            found += self._of_another(line)
        return found

    def close(self) -> list[str]:
        """What is wrong with a stream that ends here."""
        return [] if self._ended else ["$: the stream ends without a last line"]

    def _of_the_last(self, line: Line) -> list[str]:
        rules = self._rules
        found = [f"$.{name}: missing in the last line" for name in rules.must if name not in line]
        text: Any = line if rules.text else None
        for name in rules.text:
            text = text.get(name) if isinstance(text, dict) else None
        if text:
            found.append(f"$.{'.'.join(rules.text)}: text in the last line")
        return found

    def _of_another(self, line: Line) -> list[str]:
        alone = (*self._rules.must, *self._rules.may)
        return [f"$.{name}: in another line than the last" for name in alone if name in line]
