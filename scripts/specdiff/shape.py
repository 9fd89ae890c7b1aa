"""What a JSON value may be, in one form for OpenAPI 3.0 and 3.1, whatever a schema is put together from."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from .bounds import Bounds, bounds_of, loosest, tightest
from .document import Document, Schema, mapping

ANY: Schema = {}
_SCALARS = ("boolean", "number", "string")
_TYPES = (*_SCALARS, "array", "object")
_SIGNS = {
    "object": ("properties", "required", "additionalProperties"),
    "array": ("items", "prefixItems"),
}


@dataclass(frozen=True)
class Branch:
    """One JSON type that a value may have, and what is asked of such values."""

    type: str
    name: str = ""
    enum: frozenset[str] | None = None  # each value as JSON
    format: str = ""
    bounds: Bounds = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: Any = True
    items: Any = True
    facts: dict[str, Any] = field(
        default_factory=dict
    )  # as below, of one alternative among several

    @property
    def is_free(self) -> bool:
        """Whether it is an object of which nothing is known."""
        return not self.properties and self.additional in (True, ANY)


@dataclass(frozen=True)
class Shape:
    """All that a value may be."""

    branches: tuple[Branch, ...]
    facts: dict[str, Any] = field(default_factory=dict)  # default and deprecated
    name: str = ""

    @property
    def takes_null(self) -> bool:
        return any(branch.type == "null" for branch in self.branches)

    @property
    def takes_anything(self) -> bool:
        plain = {
            branch.type for branch in self.branches if branch == Branch(branch.type, branch.name)
        }
        return plain.issuperset(_TYPES)

    @property
    def types(self) -> list[str]:
        found = {branch.type for branch in self.branches} - {"null"}
        return sorted(found - {"integer"} if "number" in found else found)

    def of(self, type_: str) -> list[Branch]:
        kinds = ("number", "integer") if type_ in ("number", "integer") else (type_,)
        return [branch for branch in self.branches if branch.type in kinds]


def shape_of(document: Document, schema: Any, parents: tuple[str, ...] = ()) -> Shape:
    """Reads a schema; a reference to one that is being read already says nothing new."""
    if isinstance(schema, bool):
        return Shape(tuple(_plain(document, {})) if schema else ())
    reference = mapping(schema, "schema").get("$ref", "")
    if reference in parents:
        return Shape(tuple(_plain(document, {})))
    resolved, name = document.resolve(schema)
    parents = (*parents, reference) if reference else parents
    branches = list(_own(document, resolved))
    facts = {
        key: resolved[key] for key in ("default", "deprecated") if resolved.get(key) is not None
    }
    groups = [[part] for part in resolved.get("allOf", ())]
    groups += [resolved[key] for key in ("oneOf", "anyOf") if resolved.get(key)]
    for group in groups:
        shapes = [shape_of(document, part, parents) for part in group]
        typed = [shape for shape in shapes if shape.types]
        if len(typed) == 1:  # one schema in a wrapper, or one that may be null
            facts, name = typed[0].facts | facts, name or typed[0].name
        branches = list(_both(branches, [one for shape in shapes for one in _said(shape, typed)]))
    if resolved.get("nullable") and not any(branch.type == "null" for branch in branches):
        branches.append(Branch("null"))
    return Shape(tuple(replace(one, name=one.name or name) for one in branches), facts, name)


def _said(shape: Shape, typed: list[Shape]) -> list[Branch]:
    """The branches of one schema among others; what is said of it alone stays with them."""
    if len(typed) == 1 or not shape.facts:
        return list(shape.branches)
    return [replace(branch, facts=shape.facts) for branch in shape.branches]


def _own(document: Document, schema: Schema) -> Iterator[Branch]:
    """What a schema says itself, without those that it is put together from."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    types = schema.get("type") or [
        kind for kind, keys in _SIGNS.items() if any(key in schema for key in keys)
    ]
    types = [types] if isinstance(types, str) else [str(kind) for kind in types]
    if values is not None:
        types = types or list(dict.fromkeys(map(_type, values)))
        types = [kind for kind in types if any(_is(kind, value) for value in values)]
    for branch in map(Branch, types) if types else _plain(document, schema):
        yield branch if branch.type == "null" else _detailed(branch, schema, values)


def _detailed(branch: Branch, schema: Schema, values: list[Any] | None) -> Branch:
    branch = replace(branch, format=str(schema.get("format", "")), bounds=bounds_of(schema))
    if values is not None:
        same = frozenset(json.dumps(value) for value in values if _is(branch.type, value))
        branch = replace(branch, enum=same)
    if branch.type == "array":
        branch = replace(branch, items=schema.get("items", True))
    if branch.type == "object":
        branch = replace(
            branch,
            properties=mapping(schema.get("properties") or {}, "properties"),
            required=frozenset(schema.get("required") or ()),
            additional=schema.get("additionalProperties", True),
        )
    return branch


def _plain(document: Document, schema: Schema) -> Iterator[Branch]:
    """All types, for a schema that names none; with parts, it is for them to say if null is legal."""
    yield from map(Branch, _TYPES)
    if document.takes_null_anywhere or any(key in schema for key in ("allOf", "oneOf", "anyOf")):
        yield Branch("null")


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _is(kind: str, value: Any) -> bool:
    return _type(value) == kind or (kind == "number" and _type(value) == "integer")


def _both(left: Iterable[Branch], right: list[Branch]) -> Iterator[Branch]:
    """What fits one of the left and one of the right."""
    for one in left:
        for other in right:
            if one.type == other.type or {one.type, other.type} == {"integer", "number"}:
                yield _intersection(one, other)


def _intersection(one: Branch, other: Branch) -> Branch:
    shared = one.properties.keys() & other.properties.keys()
    closed = False in (one.additional, other.additional)
    return Branch(
        "integer" if "integer" in (one.type, other.type) else one.type,
        one.name or other.name,
        one.enum & other.enum if one.enum and other.enum else one.enum or other.enum,
        one.format or other.format,
        tightest(one.bounds, other.bounds),
        {**one.properties, **other.properties}
        | {key: {"allOf": [one.properties[key], other.properties[key]]} for key in shared},
        one.required | other.required,
        False if closed else other.additional if one.additional is True else one.additional,
        other.items if one.items is True else one.items,
        one.facts | other.facts,
    )


def union(branches: list[Branch]) -> Branch:
    """One branch for several of the same type: what any of them takes, as far as one can say it."""
    merged = branches[0]
    for other in branches[1:]:
        merged = _union(merged, other)
    return merged


def _union(one: Branch, other: Branch) -> Branch:
    return Branch(
        "number" if "number" in (one.type, other.type) else one.type,
        one.name if one.name == other.name else "",
        one.enum | other.enum if one.enum and other.enum else None,
        one.format if one.format == other.format else "",
        loosest(one.bounds, other.bounds),
        {
            key: _either(one.properties, other.properties, key)
            for key in {**one.properties, **other.properties}
        },
        one.required & other.required,
        one.additional if one.additional == other.additional else True,
        one.items if one.items == other.items else {"anyOf": [one.items, other.items]},
        one.facts | other.facts,
    )


def _either(one: Schema, other: Schema, key: str) -> Any:
    found = [properties[key] for properties in (one, other) if key in properties]
    return found[0] if len(found) == 1 or found[0] == found[1] else {"anyOf": found}
