"""The result of a comparison, for people, for programs and for an issue."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path

from .differences import Difference
from .document import Unreadable, api_of, read
from .operations import compare
from .purposes import Meant, Stale, purposes_of, sift

_LONGEST_ISSUE = 60_000  # GitHub takes 65,536 characters


@dataclass(frozen=True)
class Report:
    """What is to be looked at."""

    api: str
    source: str
    differences: list[Difference]
    stale: list[Stale]
    on_purpose: int
    meant: list[Meant] = field(default_factory=list)  # only if asked for

    @property
    def is_empty(self) -> bool:
        return not self.differences and not self.stale

    @property
    def breaking(self) -> int:
        return sum(difference.breaking for difference in self.differences)

    @property
    def summary(self) -> str:
        return (
            f"{len(self.differences)} differences, {self.breaking} of them breaking; "
            f"{self.on_purpose} on purpose, {len(self.stale)} rows about nothing"
        )


def report(
    source: str, specs: Path, *, api: str = "", new: bool = False, also_meant: bool = False
) -> Report:
    """Compares what lies at `source` with the specification of the same API in the folder `specs`.

    What is meant is left out; that list is about upstream, not about another revision of our own.
    """
    theirs = read(source)
    api = api or api_of(theirs)
    ours = read(str(specs / f"{api}.yaml"))
    own = ours.title == theirs.title
    try:
        differences = compare(ours, theirs, new=new or own or api == "ollama")
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        # Anything may stand anywhere in a foreign file; what is no OpenAPI is found out on the way.
        raise Unreadable(f"{source} is not shaped as OpenAPI is: {wrong!r}") from wrong
    purposes = [] if own else purposes_of(api, specs / "upstream.yaml")
    left, meant, stale = sift(differences, purposes)
    return Report(api, source, left, stale, len(meant), meant if also_meant else [])


def as_json(result: Report) -> str:
    return json.dumps(asdict(result), indent=2)


def as_text(result: Report) -> str:
    return "\n".join(map(_printable, _text(result)))


def as_markdown(result: Report) -> str:
    text = "\n".join(map(_printable, _markdown(result)))
    if len(text) > _LONGEST_ISSUE:
        text = (
            text[:_LONGEST_ISSUE].rsplit("\n", 1)[0]
            + "\n\nThe rest is left out: run `scripts/spec-diff`."
        )
    return text


FORMATS = {"text": as_text, "json": as_json, "github": as_markdown}


def _text(result: Report) -> Iterator[str]:
    for reason, group in groupby(sorted(result.meant, key=_reason), _reason):
        yield f"on purpose: {reason}"
        for meant in group:
            yield f"      {meant.difference.pointer}: {_told(meant.difference)}"
    for operation, schema, differences in _groups(result):
        if operation:
            yield operation
        yield f"  {schema or '(no schema)'}"
        for one in differences:
            yield f"  {'!' if one.breaking else ' '}   {_place(one)}: {_told(one)}"
    if result.stale:
        yield "specs/upstream.yaml speaks of what is not there"
    for entry in result.stale:
        yield f"      {entry.entry} ({entry.reason})"
    yield f"{result.source} against specs/{result.api}.yaml: {result.summary}"


def _markdown(result: Report) -> Iterator[str]:
    yield f"`{result.source}` against `specs/{result.api}.yaml`: {result.summary}."
    yield "`scripts/update-specs` leads through what is to be done; `specs/README.md` explains it."
    for operation, _, differences in _groups(result):
        if operation:
            yield f"\n### {_code(operation)}\n"
        for one in differences:
            mark = "**breaking** " if one.breaking else ""
            about = f" ({_code(one.schema)})" if one.schema else ""
            yield f"- {mark}{_code(_place(one))}{about}: {_code(_told(one))}"
    if result.meant:
        yield "\n### On purpose\n"
    for meant in result.meant:
        place = f"{_code(meant.difference.pointer)}: {_code(_told(meant.difference))}"
        yield f"- {place}: {meant.reason}"
    if result.stale:
        yield "\n### `specs/upstream.yaml` speaks of what is not there\n"
    for entry in result.stale:
        yield f"- {_code(entry.entry)}: {entry.reason}"


def _groups(result: Report) -> Iterator[tuple[str, str, list[Difference]]]:
    """Operation (only with its first schema), schema, differences."""
    for operation, found in groupby(result.differences, lambda one: one.operation):
        title = operation
        by_schema: dict[str, list[Difference]] = {}
        for one in found:
            by_schema.setdefault(_schema(one), []).append(one)
        for schema, differences in by_schema.items():
            yield title, schema, differences
            title = ""


def _reason(meant: Meant) -> str:
    return meant.reason


def _schema(difference: Difference) -> str:
    """The name at the head of a pointer into a schema."""
    return difference.schema.split(".")[0].split("[")[0].split("<")[0]


def _place(difference: Difference) -> str:
    return difference.pointer.removeprefix(difference.operation).strip() or "itself"


def _told(difference: Difference) -> str:
    ours, theirs = difference.ours, difference.theirs
    if difference.what.startswith("type "):
        return f"{difference.what}: {' or '.join(ours)} → {' or '.join(theirs)}"
    if isinstance(ours, list) and isinstance(theirs, list):
        gained = [f"+ {json.dumps(value)}" for value in theirs if value not in ours]
        lost = [f"- {json.dumps(value)}" for value in ours if value not in theirs]
        return f"{difference.what}: {', '.join(gained + lost)}"
    if ours is None and theirs is None:
        return difference.what
    if difference.what.split()[-1] in ("added", "removed"):
        return f"{difference.what}: {json.dumps(theirs if ours is None else ours)}"
    return f"{difference.what}: {json.dumps(ours)} → {json.dumps(theirs)}"


def _code(text: str) -> str:
    return "`" + text.replace("`", "'") + "`"


def _printable(line: str) -> str:
    """A foreign description must not steer a terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in line)
