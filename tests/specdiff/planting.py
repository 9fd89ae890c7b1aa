"""Changes to plant in an OpenAPI file: each kind, and every schema where it is possible."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

type Node = dict[str, Any]
type Change = Callable[[Node], Any]


@dataclass(frozen=True)
class Kind:
    """A change to a schema: where it can be made, and how."""

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
    """Whether the values do not only name the kind of an object."""
    return len(node.get("enum", ())) > 1


def _without_pattern(node: Node) -> bool:
    return node.get("type") == "string" and "pattern" not in node


KINDS = {
    "a field goes": Kind(_several, _without_last),
    "a field comes": Kind(_has("properties"), _planted),
    "a needed field comes": Kind(_has("properties"), _planted_and_required),
    "a field is needed": Kind(_has_optional, _need_one_more),
    "a field is needed no more": Kind(
        _has("properties", "required"), lambda node: node["required"].pop()
    ),
    "text becomes a number": Kind(_plain("string"), _set(type="integer")),
    "a flag becomes text": Kind(_is("boolean"), _set(type="string")),
    "a list becomes a flag": Kind(_is("array"), _set(type="boolean")),
    "whole numbers only": Kind(_is("number"), _set(type="integer")),
    "fractions too": Kind(_is("integer"), _set(type="number")),
    "a word more": Kind(_has("enum"), lambda node: node["enum"].append("planted")),
    "a word less": Kind(
        lambda node: len(node.get("enum", ())) > 1, lambda node: node["enum"].pop()
    ),
    "another word": Kind(_undiscriminating, lambda node: node["enum"].__setitem__(0, "planted")),
    "any word": Kind(_has("enum"), _drop("enum")),
    "only some words": Kind(_plain("string"), _set(enum=["planted"])),
    "a default": Kind(_is("string"), _set(default="planted")),
    "a greater least": Kind(_has("minimum"), lambda node: node.update(minimum=node["minimum"] + 1)),
    "a smaller least": Kind(_has("minimum"), lambda node: node.update(minimum=node["minimum"] - 1)),
    "no least": Kind(_has("minimum"), _drop("minimum")),
    "no greatest": Kind(_has("maximum"), _drop("maximum")),
    "a limit of length": Kind(_is("string"), _set(maxLength=7)),
    "a limit of number": Kind(_is("array"), _set(maxItems=7)),
    "no pattern": Kind(_has("pattern"), _drop("pattern")),
    "a pattern": Kind(_without_pattern, _set(pattern="^planted$")),
    "no format": Kind(_has("format"), _drop("format")),
    "another format": Kind(_has("format"), _set(format="planted")),
    "a format": Kind(_plain("string"), _set(format="planted")),
    "closed": Kind(
        lambda node: "properties" in node and node.get("additionalProperties", True) is not False,
        _set(additionalProperties=False),
    ),
    "open": Kind(
        lambda node: node.get("additionalProperties") is False,
        _set(additionalProperties=True),
    ),
    "out of use": Kind(
        lambda node: _is("string", "boolean", "integer")(node) and not node.get("deprecated"),
        _set(deprecated=True),
    ),
    "an alternative comes": Kind(
        lambda node: any(part.get("type") == "string" for part in node.get("oneOf", ())),
        lambda node: node["oneOf"].append({"type": "object"}),
    ),
    "an alternative goes": Kind(
        lambda node: any(part.get("type") == "string" for part in node.get("oneOf", ())),
        lambda node: node["oneOf"].pop(),
    ),
    "another kind of object comes": Kind(
        lambda node: len([part for part in node.get("oneOf", ()) if "$ref" in part]) > 2,
        lambda node: node["oneOf"].append({"$ref": "#/components/schemas/ErrorResponse"}),
    ),
    "a kind of object goes": Kind(
        lambda node: len([part for part in node.get("oneOf", ()) if "$ref" in part]) > 2,
        lambda node: node["oneOf"].pop(),
    ),
    "null too": Kind(
        lambda node: not node.get("nullable") and "$ref" not in node, _set(nullable=True)
    ),
    "no null": Kind(_has("nullable", "type"), _drop("nullable")),
}


@dataclass(frozen=True)
class Place:
    """A schema: the name of the component, and the keys that lead from there to the schema."""

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
    """Where a change can be planted."""
    return [place for place in schemas(document) if kind.fits(place.of(document))]


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
