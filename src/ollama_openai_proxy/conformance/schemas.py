"""Validates JSON documents against the schemas of the specifications."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from ..spec import load_spec

_KEYWORDS = (
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
"""Keywords that mean the same in OpenAPI 3.0 and JSON Schema draft 4."""
_COMBINATORS = ("allOf", "oneOf", "anyOf")
_FORMATS = FormatChecker(())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    """RFC 3339 requires a time zone, and clients fail to parse a time without one."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_FORMATS.checks("int64")
def _is_int64(value: object) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63


@cache
def validator(spec: str, name: str, *, closed: bool = False) -> Draft4Validator:
    """Return a validator for the schema `name` in specs/`spec`.

    `nullable` has its meaning of OpenAPI 3.0, also next to an `allOf`. A `closed` validator rejects
    fields that the schema does not name.
    """
    schemas = _schemas(spec)
    return Draft4Validator(_inlined(schemas[name], schemas, closed), format_checker=_FORMATS)


def complaints(spec: str, name: str, document: Any, *, closed: bool = True) -> list[str]:
    """Return the violations of a document, or of a struct in its encoded form, with their values.

    The messages quote the document, so they must not be logged.
    """
    if isinstance(document, msgspec.Struct):
        document = msgspec.json.decode(msgspec.json.encode(document))
    errors = validator(spec, name, closed=closed).iter_errors(document)
    return [
        f"{inner.json_path}: {inner.message}" for error in errors for inner in _innermost(error)
    ]


def violations(spec: str, name: str, document: Any, *, closed: bool = False) -> list[str]:
    """Return the JSON path and violated keyword of each violation, without content: safe to log."""
    errors = validator(spec, name, closed=closed).iter_errors(document)
    return [
        f"{inner.json_path}: {inner.validator}" for error in errors for inner in _innermost(error)
    ]


@cache
def _schemas(spec: str) -> dict[str, Any]:
    schemas: dict[str, Any] = load_spec(spec)["components"]["schemas"]
    return schemas


def _innermost(error: ValidationError) -> Iterator[ValidationError]:
    """If all alternatives of a `oneOf` or `anyOf` failed, yield the errors of the closest one.

    The closest alternative has the right type, if any does, and the fewest errors.
    """
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
    """Convert an OpenAPI 3.0 schema to JSON Schema, with references inlined."""
    if "$ref" in node:
        return _inlined(schemas[node["$ref"].rpartition("/")[2]], schemas, closed)
    plain: dict[str, Any] = {keyword: node[keyword] for keyword in _KEYWORDS if keyword in node}
    for keyword in _COMBINATORS:
        if keyword in node:
            plain[keyword] = [_inlined(part, schemas, closed) for part in node[keyword]]
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
