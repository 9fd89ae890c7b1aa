"""What the specifications allow on the wire, as validators of JSON documents."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from ..spec import load_spec

_KEPT = (
    "type",
    "enum",
    "required",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "pattern",
    "format",
)
_COMBINED = ("allOf", "oneOf", "anyOf")
_FORMATS = FormatChecker(())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    """RFC 3339 with a zone: clients fail on a naive one."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_FORMATS.checks("int64")
def _is_int64(value: object) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63


@cache
def validator(spec: str, name: str, *, closed: bool = False) -> Draft4Validator:
    """A validator of the schema `name` in specs/`spec`.

    `nullable` is read as OpenAPI 3.0 means it, also beside an `allOf`. A `closed` one refuses
    fields that the schema does not name.
    """
    schemas = _schemas(spec)
    return Draft4Validator(_inlined(schemas[name], schemas, closed), format_checker=_FORMATS)


def complaints(spec: str, name: str, document: Any, *, closed: bool = True) -> list[str]:
    """What is wrong with a document, or with a struct as it is encoded; best left empty.

    Quotes the document: for people who may see it.
    """
    if isinstance(document, msgspec.Struct):
        document = msgspec.json.decode(msgspec.json.encode(document))
    errors = validator(spec, name, closed=closed).iter_errors(document)
    return [f"{one.json_path}: {one.message}" for error in errors for one in _innermost(error)]


def violations(spec: str, name: str, document: Any, *, closed: bool = False) -> list[str]:
    """As `complaints`, but where and by which rule alone: fit for a log."""
    errors = validator(spec, name, closed=closed).iter_errors(document)
    return [f"{one.json_path}: {one.validator}" for error in errors for one in _innermost(error)]


@cache
def _schemas(spec: str) -> dict[str, Any]:
    schemas: dict[str, Any] = load_spec(spec)["components"]["schemas"]
    return schemas


def _innermost(error: ValidationError) -> Iterator[ValidationError]:
    """Of alternatives that all fail, what is wrong with the nearest: of the right type, if one is,
    and with the least wrong."""
    if not error.context:
        yield error
        return
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    for inner in min(branches.values(), key=_distance):
        yield from _innermost(inner)


def _distance(errors: list[ValidationError]) -> tuple[bool, int]:
    return any(error.validator == "type" and not error.relative_path for error in errors), len(
        errors
    )


def _inlined(node: dict[str, Any], schemas: dict[str, Any], closed: bool) -> dict[str, Any]:
    """A schema in the words of JSON Schema alone, and without references."""
    if "$ref" in node:
        return _inlined(schemas[node["$ref"].rpartition("/")[2]], schemas, closed)
    plain: dict[str, Any] = {word: node[word] for word in _KEPT if word in node}
    for word in _COMBINED:
        if word in node:
            plain[word] = [_inlined(part, schemas, closed) for part in node[word]]
    if "items" in node:
        plain["items"] = _inlined(node["items"], schemas, closed)
    if "properties" in node:
        plain["properties"] = {
            name: _inlined(part, schemas, closed) for name, part in node["properties"].items()
        }
    if "properties" in node or "additionalProperties" in node:
        others = node.get("additionalProperties", not closed)
        plain["additionalProperties"] = (
            _inlined(others, schemas, closed) if isinstance(others, dict) else others
        )
    return {"anyOf": [{"type": "null"}, plain]} if node.get("nullable") else plain
