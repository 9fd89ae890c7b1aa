"""Changes to plant in an OpenAPI file: the kinds, and the schemas where each can be made."""

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


def _require_one_more(node: Node) -> None:
    optional = [name for name in node["properties"] if name not in node.get("required", [])]
    node["required"] = [*node.get("required", []), optional[-1]]


def _has_optional(node: Node) -> bool:
    return len(node.get("required", ())) < len(node.get("properties", ()))


def _without_last(node: Node) -> None:
    name = list(node["properties"])[-1]
    del node["properties"][name]
    node["required"] = [other for other in node.get("required", []) if other != name]


def _add_property(node: Node) -> None:
    node["properties"]["planted"] = {"type": "string"}


def _add_required_property(node: Node) -> None:
    _add_property(node)
    node["required"] = [*node.get("required", []), "planted"]


def _has_several(node: Node) -> bool:
    return len(node.get("properties", ())) > 1


def _is_no_discriminator(node: Node) -> bool:
    """Whether the enum has several values, so that it is not a discriminator."""
    return len(node.get("enum", ())) > 1


def _without_pattern(node: Node) -> bool:
    return node.get("type") == "string" and "pattern" not in node


KINDS = {
    "field removed": Kind(_has_several, _without_last),
    "optional field added": Kind(_has("properties"), _add_property),
    "required field added": Kind(_has("properties"), _add_required_property),
    "field made required": Kind(_has_optional, _require_one_more),
    "field made optional": Kind(
        _has("properties", "required"), lambda node: node["required"].pop()
    ),
    "string to integer": Kind(_plain("string"), _set(type="integer")),
    "boolean to string": Kind(_is("boolean"), _set(type="string")),
    "array to boolean": Kind(_is("array"), _set(type="boolean")),
    "number to integer": Kind(_is("number"), _set(type="integer")),
    "integer to number": Kind(_is("integer"), _set(type="number")),
    "enum value added": Kind(_has("enum"), lambda node: node["enum"].append("planted")),
    "enum value removed": Kind(
        lambda node: len(node.get("enum", ())) > 1, lambda node: node["enum"].pop()
    ),
    "enum value changed": Kind(
        _is_no_discriminator, lambda node: node["enum"].__setitem__(0, "planted")
    ),
    "enum removed": Kind(_has("enum"), _drop("enum")),
    "enum added": Kind(_plain("string"), _set(enum=["planted"])),
    "default added": Kind(_is("string"), _set(default="planted")),
    "minimum increased": Kind(
        _has("minimum"), lambda node: node.update(minimum=node["minimum"] + 1)
    ),
    "minimum decreased": Kind(
        _has("minimum"), lambda node: node.update(minimum=node["minimum"] - 1)
    ),
    "minimum removed": Kind(_has("minimum"), _drop("minimum")),
    "maximum removed": Kind(_has("maximum"), _drop("maximum")),
    "maxLength added": Kind(_is("string"), _set(maxLength=7)),
    "maxItems added": Kind(_is("array"), _set(maxItems=7)),
    "pattern removed": Kind(_has("pattern"), _drop("pattern")),
    "pattern added": Kind(_without_pattern, _set(pattern="^planted$")),
    "format removed": Kind(_has("format"), _drop("format")),
    "format changed": Kind(_has("format"), _set(format="planted")),
    "format added": Kind(_plain("string"), _set(format="planted")),
    "additionalProperties forbidden": Kind(
        lambda node: "properties" in node and node.get("additionalProperties", True) is not False,
        _set(additionalProperties=False),
    ),
    "additionalProperties allowed": Kind(
        lambda node: node.get("additionalProperties") is False,
        _set(additionalProperties=True),
    ),
    "deprecated": Kind(
        lambda node: _is("string", "boolean", "integer")(node) and not node.get("deprecated"),
        _set(deprecated=True),
    ),
    "oneOf alternative added": Kind(
        lambda node: any(part.get("type") == "string" for part in node.get("oneOf", ())),
        lambda node: node["oneOf"].append({"type": "object"}),
    ),
    "oneOf alternative removed": Kind(
        lambda node: any(part.get("type") == "string" for part in node.get("oneOf", ())),
        lambda node: node["oneOf"].pop(),
    ),
    "oneOf reference added": Kind(
        lambda node: len([part for part in node.get("oneOf", ()) if "$ref" in part]) > 2,
        lambda node: node["oneOf"].append({"$ref": "#/components/schemas/ErrorResponse"}),
    ),
    "oneOf reference removed": Kind(
        lambda node: len([part for part in node.get("oneOf", ()) if "$ref" in part]) > 2,
        lambda node: node["oneOf"].pop(),
    ),
    "nullable added": Kind(
        lambda node: not node.get("nullable") and "$ref" not in node, _set(nullable=True)
    ),
    "nullable removed": Kind(_has("nullable", "type"), _drop("nullable")),
}


@dataclass(frozen=True)
class Place:
    """A schema: the name of its component and the path of keys inside the component."""

    schema: str
    path: tuple[str | int, ...]

    def of(self, document: Node) -> Node:
        node: Any = document["components"]["schemas"][self.schema]
        for step in self.path:
            node = node[step]
        assert isinstance(node, dict)
        return node


def schemas(document: Node) -> Iterator[Place]:
    for name, schema in document["components"]["schemas"].items():
        for path in _inside(schema):
            yield Place(name, path)


def places(document: Node, kind: Kind) -> list[Place]:
    """The schemas where a change of this kind can be planted."""
    return [place for place in schemas(document) if kind.fits(place.of(document))]


def doctored(document: Node, kind: Kind, place: Place) -> Node:
    other = copy.deepcopy(document)
    kind.make(place.of(other))
    return other


def _inside(schema: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    for name, inner in schema.get("properties", {}).items():
        yield from _inside(inner, (*path, "properties", name))
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _inside(schema[key], (*path, key))
    for key in ("oneOf", "anyOf", "allOf"):
        for index, part in enumerate(schema.get(key, ())):
            yield from _inside(part, (*path, key, index))
