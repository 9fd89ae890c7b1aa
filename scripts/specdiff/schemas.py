"""Compares two schemas from where they are used."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from .alternatives import pairs
from .bounds import direction
from .differences import Difference, breaks
from .document import Document
from .shape import Branch, Shape, shape_of

_DEEPEST = 40


@dataclass(frozen=True)
class Place:
    """Where in an operation a schema is used."""

    operation: str
    pointer: str
    side: str
    schema: str = ""
    depth: int = 0

    def inside(self, step: str) -> "Place":
        schema = self.schema and self.schema + step
        return replace(self, pointer=self.pointer + step, schema=schema, depth=self.depth + 1)

    def named(self, name: str) -> "Place":
        return replace(self, schema=name) if name else self

    def tell(self, what: str, ours: Any = None, theirs: Any = None) -> Difference:
        breaking = breaks(self.side, what, ours if theirs is None else theirs)
        return Difference(
            self.operation, self.pointer, self.schema, self.side, what, ours, theirs, breaking
        )


@dataclass
class Comparison:
    """Two descriptions, and which pairs of their schemas have been compared."""

    ours: Document
    theirs: Document
    _seen: set[tuple[str, str, str]] = field(default_factory=set)

    def compare(self, place: Place, ours: Any, theirs: Any) -> Iterator[Difference]:
        """All that differs between two schemas and what they hold; each pair once for each side."""
        key = (place.side, json.dumps(ours, sort_keys=True), json.dumps(theirs, sort_keys=True))
        if place.depth > _DEEPEST or ("$ref" in key[1] and key in self._seen):
            return
        self._seen.add(key)
        mine, other = shape_of(self.ours, ours), shape_of(self.theirs, theirs)
        place = place.named(mine.name)
        yield from _values(place, mine, other)
        if mine.takes_anything or other.takes_anything:
            return
        for step, one, another in pairs(self.ours, self.theirs, mine, other):
            at = place.inside(step) if step else place
            if one is None or another is None:
                yield at.tell("alternative added" if one is None else "alternative removed")
            else:
                yield from self._branch(at.named(one.name), one, another)

    def _branch(self, place: Place, ours: Branch, theirs: Branch) -> Iterator[Difference]:
        yield from _facets(place, ours, theirs)
        if ours.type == "array":
            yield from self.compare(place.inside("[]"), ours.items, theirs.items)
        elif ours.type == "object" and ours.is_free != theirs.is_free:
            what = "fields narrowed" if ours.is_free else "fields widened"
            yield place.tell(what, sorted(ours.properties), sorted(theirs.properties))
        elif ours.type == "object":
            yield from self._fields(place, ours, theirs)

    def _fields(self, place: Place, ours: Branch, theirs: Branch) -> Iterator[Difference]:
        for name in ours.properties | theirs.properties:
            at = place.inside(f".{name}")
            if name not in theirs.properties:
                yield at.tell("property removed", _need(name, ours))
            elif name not in ours.properties:
                yield at.tell("property added", None, _need(name, theirs))
            else:
                if (needed := name in theirs.required) != (name in ours.required):
                    yield at.tell("requirement added" if needed else "requirement removed")
                yield from self.compare(at, ours.properties[name], theirs.properties[name])
        yield from self._others(place.inside(".*"), ours.additional, theirs.additional)

    def _others(self, place: Place, ours: Any, theirs: Any) -> Iterator[Difference]:
        """Fields that are not described."""
        if (ours is False) != (theirs is False):
            yield place.tell("other fields widened" if ours is False else "other fields narrowed")
        elif ours is not False and not (ours in (True, {}) and theirs in (True, {})):
            yield from self.compare(place, ours, theirs)


def _need(name: str, branch: Branch) -> str:
    return "required" if name in branch.required else "optional"


def _values(place: Place, ours: Shape, theirs: Shape) -> Iterator[Difference]:
    """What kinds of values there may be at all."""
    gained, lost = _uncovered(theirs, ours), _uncovered(ours, theirs)
    if gained or lost:
        what = f"type {'changed' if gained and lost else 'widened' if gained else 'narrowed'}"
        yield place.tell(what, _types(ours), _types(theirs))
    if ours.takes_null != theirs.takes_null:
        yield place.tell("null narrowed" if ours.takes_null else "null widened")
    yield from _facts(place, ours.facts, theirs.facts)


def _facts(place: Place, ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Difference]:
    if (one := ours.get("default")) != (other := theirs.get("default")):
        yield place.tell(f"default {_turn(one, other)}", one, other)
    if bool(ours.get("deprecated")) != bool(theirs.get("deprecated")):
        yield place.tell("deprecation changed", ours.get("deprecated"), theirs.get("deprecated"))


def _types(shape: Shape) -> list[str]:
    return ["any"] if shape.takes_anything else shape.types


def _uncovered(one: Shape, other: Shape) -> set[str]:
    """The types of the one that the other does not take; numbers cover whole ones."""
    covered = set(other.types) | ({"integer"} if "number" in other.types else set())
    return set(one.types) - covered


def _turn(ours: Any, theirs: Any) -> str:
    if ours is not None and theirs is not None:
        return "changed"
    return "added" if ours is None else "removed"


def _facets(place: Place, ours: Branch, theirs: Branch) -> Iterator[Difference]:
    """What is asked of values of one type."""
    yield from _facts(place, ours.facts, theirs.facts)
    if ours.enum != theirs.enum:
        yield place.tell(
            f"enum {_enum_turn(ours.enum, theirs.enum)}", _listed(ours), _listed(theirs)
        )
    if ours.format != theirs.format:
        turn = (
            "changed"
            if ours.format and theirs.format
            else "narrowed"
            if theirs.format
            else "widened"
        )
        yield place.tell(f"format {turn}", ours.format or None, theirs.format or None)
    for key in ours.bounds | theirs.bounds:
        one, other = ours.bounds.get(key), theirs.bounds.get(key)
        if one != other:
            yield place.tell(f"{key} {direction(key, one, other)}", one, other)


def _enum_turn(ours: frozenset[str] | None, theirs: frozenset[str] | None) -> str:
    if ours is None or theirs is None:
        return "narrowed" if ours is None else "widened"
    return "narrowed" if theirs < ours else "widened" if theirs > ours else "changed"


def _listed(branch: Branch) -> list[Any] | None:
    return None if branch.enum is None else [json.loads(value) for value in sorted(branch.enum)]
