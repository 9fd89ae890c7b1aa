"""Case-insensitive field names, as in Go's encoding/json → the names of the specification."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect

Shape = dict[str, "Shape | None"]
"""Wire name of each field → the shape of its value if that is a struct or a list of structs."""


def shape_of(struct: type[msgspec.Struct]) -> Shape:
    """The shape of a generated class."""
    info = inspect.type_info(struct)
    return _shape(info) if isinstance(info, inspect.StructType) else {}


def _shape(info: inspect.StructType) -> Shape:
    return {field.encode_name: _nested(field.type) for field in info.fields}


def _nested(info: inspect.Type) -> Shape | None:
    if isinstance(info, inspect.Metadata):
        return _nested(info.type)
    if isinstance(info, inspect.UnionType):
        return next((shape for shape in map(_nested, info.types) if shape), None)
    if isinstance(info, inspect.ListType):
        return _nested(info.item_type)
    # Ollama decodes options into a map, so their names are case-sensitive.
    if isinstance(info, inspect.StructType) and info.cls.__name__ != "ModelOptions":
        return _shape(info)
    return None


def fold(value: Any, shape: Shape) -> Any:
    """`value` with its field names spelled as in `shape`; encoding/json ignores their case.

    As in Go, the later of two names that differ only in case wins, and null in a list of objects
    is an object without fields.
    """
    if isinstance(value, list):
        return [fold({} if item is None else item, shape) for item in value]
    if not isinstance(value, dict):
        return value
    if not value.keys() <= shape.keys():
        value = {_name(key, shape): item for key, item in value.items()}
    for key, nested in shape.items():
        if nested is not None and value.get(key) is not None:
            value[key] = fold(value[key], nested)
    return value


def _name(key: str, shape: Shape) -> str:
    lower = key.lower()
    return lower if key not in shape and lower in shape else key
