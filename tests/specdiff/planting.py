"""Changes to plant in a description: each kind, and every place where it can stand."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

type Node = dict[str, Any]
type Change = Callable[[Node], Any]


@dataclass(frozen=True)
class Kind:
    """A change to a schema: where it can be made, how, and what a comparison must call it."""

    what: str
    fits: Callable[[Node], bool]
    make: Change


def _set(**values: Any) -> Change:
    return lambda node: node.update(values)


def _drop(key: str) -> Change:
    return lambda node: node.pop(key)


def _is(*types: str) -> Callable[[Node], bool]:
    return lambda node: node.get("type") in types


def _has(*keys: str) -> Callable[[Node], bool]:
    return lambda node: all(key in node for key in keys)


def _plain(type_: str) -> Callable[[Node], bool]:
    return lambda node: node.get("type") == type_ and "enum" not in node and "format" not in node


def _need_one_more(node: Node) -> None:
    optional = [name for name in node["properties"] if name not in node.get("required", [])]
    node["required"] = [*node.get("required", []), optional[-1]]


def _has_optional(node: Node) -> bool:
    return len(node.get("required", ())) < len(node.get("properties", ()))


def _without_last(node: Node) -> None:
    name = list(node["properties"])[-1]
    del node["properties"][name]
    node["required"] = [other for other in node.get("required", []) if other != name]


def _planted(node: Node) -> None:
    node["properties"]["planted"] = {"type": "string"}


def _planted_and_required(node: Node) -> None:
    _planted(node)
    node["required"] = [*node.get("required", []), "planted"]


def _several(node: Node) -> bool:
    return len(node.get("properties", ())) > 1


def _undiscriminating(node: Node) -> bool:
    """Whether it is no word that tells one kind of object from another."""
    return len(node.get("enum", ())) > 1


def _without_pattern(node: Node) -> bool:
    return node.get("type") == "string" and "pattern" not in node


KINDS = {
    "a field goes": Kind("property removed", _several, _without_last),
    "a field comes": Kind("property added", _has("properties"), _planted),
    "a needed field comes": Kind("property added", _has("properties"), _planted_and_required),
    "a field is needed": Kind("requirement added", _has_optional, _need_one_more),
    "a field is needed no more": Kind(
        "requirement removed", _has("properties", "required"), lambda node: node["required"].pop()
    ),
    "text becomes a number": Kind("type changed", _plain("string"), _set(type="integer")),
    "a flag becomes text": Kind("type changed", _is("boolean"), _set(type="string")),
    "a list becomes a flag": Kind("type changed", _is("array"), _set(type="boolean")),
    "whole numbers only": Kind("type narrowed", _is("number"), _set(type="integer")),
    "fractions too": Kind("type widened", _is("integer"), _set(type="number")),
    "a word more": Kind("enum widened", _has("enum"), lambda node: node["enum"].append("planted")),
    "a word less": Kind(
        "enum narrowed", lambda node: len(node.get("enum", ())) > 1, lambda node: node["enum"].pop()
    ),
    "another word": Kind(
        "enum changed", _undiscriminating, lambda node: node["enum"].__setitem__(0, "planted")
    ),
    "any word": Kind("enum widened", _has("enum"), _drop("enum")),
    "only some words": Kind("enum narrowed", _plain("string"), _set(enum=["planted"])),
    "a default": Kind("default added", _is("string"), _set(default="planted")),
    "a greater least": Kind(
        "minimum narrowed", _has("minimum"), lambda node: node.update(minimum=node["minimum"] + 1)
    ),
    "a smaller least": Kind(
        "minimum widened", _has("minimum"), lambda node: node.update(minimum=node["minimum"] - 1)
    ),
    "no least": Kind("minimum widened", _has("minimum"), _drop("minimum")),
    "no greatest": Kind("maximum widened", _has("maximum"), _drop("maximum")),
    "a limit of length": Kind("maxLength narrowed", _is("string"), _set(maxLength=7)),
    "a limit of number": Kind("maxItems narrowed", _is("array"), _set(maxItems=7)),
    "no pattern": Kind("pattern widened", _has("pattern"), _drop("pattern")),
    "a pattern": Kind("pattern narrowed", _without_pattern, _set(pattern="^planted$")),
    "no format": Kind("format widened", _has("format"), _drop("format")),
    "another format": Kind("format changed", _has("format"), _set(format="planted")),
    "a format": Kind("format narrowed", _plain("string"), _set(format="planted")),
    "closed": Kind(
        "other fields narrowed",
        lambda node: "properties" in node and node.get("additionalProperties", True) is not False,
        _set(additionalProperties=False),
    ),
    "open": Kind(
        "other fields widened",
        lambda node: node.get("additionalProperties") is False,
        _set(additionalProperties=True),
    ),
    "out of use": Kind(
        "deprecation changed",
        lambda node: _is("string", "boolean", "integer")(node) and not node.get("deprecated"),
        _set(deprecated=True),
    ),
    "an alternative comes": Kind(
        "type widened",
        lambda node: any(part.get("type") == "string" for part in node.get("oneOf", ())),
        lambda node: node["oneOf"].append({"type": "object"}),
    ),
    "an alternative goes": Kind(
        "type narrowed",
        lambda node: any(part.get("type") == "string" for part in node.get("oneOf", ())),
        lambda node: node["oneOf"].pop(),
    ),
    "another kind of object comes": Kind(
        "alternative added",
        lambda node: len([part for part in node.get("oneOf", ()) if "$ref" in part]) > 2,
        lambda node: node["oneOf"].append({"$ref": "#/components/schemas/ErrorResponse"}),
    ),
    "a kind of object goes": Kind(
        "alternative removed",
        lambda node: len([part for part in node.get("oneOf", ()) if "$ref" in part]) > 2,
        lambda node: node["oneOf"].pop(),
    ),
}
# Only where null is said once: `nullable` beside allOf, and in what is referred to, says it again.
NULLS = {
    "null too": Kind("null widened", lambda node: not node.get("nullable"), _set(nullable=True)),
    "no null": Kind("null narrowed", _has("nullable", "type"), _drop("nullable")),
}


@dataclass(frozen=True)
class Place:
    """A schema inside a description: the name of its outermost schema, and the way to it."""

    schema: str
    way: tuple[str | int, ...]

    def of(self, document: Node) -> Node:
        node: Any = document["components"]["schemas"][self.schema]
        for step in self.way:
            node = node[step]
        assert isinstance(node, dict)
        return node


def schemas(document: Node) -> Iterator[Place]:
    for name, schema in document["components"]["schemas"].items():
        for way in _inside(schema):
            yield Place(name, way)


def places(document: Node, kind: Kind) -> list[Place]:
    """Where a change can be planted; nulls and types only in fields of their own."""
    fields_only = kind in NULLS.values() or kind.what == "type changed"
    return [
        place
        for place in schemas(document)
        if kind.fits(node := place.of(document))
        and (not fields_only or (place.way[-2:-1] == ("properties",) and "type" in node))
    ]


def doctored(document: Node, kind: Kind, place: Place) -> Node:
    other = copy.deepcopy(document)
    kind.make(place.of(other))
    return other


def _inside(schema: Node, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield way
    for name, inner in schema.get("properties", {}).items():
        yield from _inside(inner, (*way, "properties", name))
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _inside(schema[key], (*way, key))
    for key in ("oneOf", "anyOf", "allOf"):
        for index, part in enumerate(schema.get(key, ())):
            yield from _inside(part, (*way, key, index))
