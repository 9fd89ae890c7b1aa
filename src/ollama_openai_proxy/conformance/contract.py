"""The operations of an OpenAPI specification, with the schemas of their requests and responses."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from ..spec import load_spec

type Content = Mapping[str, str | None]
"""Schema names by media type; None if any body is valid."""

_PARAMETER = re.compile(r"\\\{[^}]*\\\}")
_DEFAULT = "default"


class Described(NamedTuple):
    """An operation: the schema of its JSON request body, if any, and its responses by status."""

    name: str
    body: str | None
    answers: Mapping[str, Content]

    def content(self, status: int) -> Content | None:
        """Return the content of responses with this status, or None if there are none."""
        return self.answers.get(str(status), self.answers.get(_DEFAULT))


@cache
def operations(spec: str) -> Mapping[str, Described]:
    """Return every operation in specs/`spec` by its operationId."""
    return {operation.name: operation for _, _, operation in _table(spec)}


def find(spec: str, method: str, path: str) -> Described | None:
    """Return the operation whose path is a suffix of `path`, or None.

    The rest is the path of the server's base URL. The longest matching path wins.
    """
    found = [
        (match.start(), operation)
        for known, pattern, operation in _table(spec)
        if known == method and (match := pattern.search(path))
    ]
    return min(found, key=lambda match: match[0])[1] if found else None


@cache
def _table(spec: str) -> list[tuple[str, re.Pattern[str], Described]]:
    document = load_spec(spec)
    return [
        (method.upper(), _pattern(path), _described(operation, document))
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_PARAMETER.sub("[^/]+", re.escape(path)) + "$")


def _described(operation: dict[str, Any], document: dict[str, Any]) -> Described:
    request = _content(operation.get("requestBody", {}), document)
    responses = {
        str(status): _content(response, document)
        for status, response in operation["responses"].items()
    }
    return Described(operation["operationId"], request.get("application/json"), responses)


def _content(node: dict[str, Any], document: dict[str, Any]) -> Content:
    if "$ref" in node:
        node = document["components"]["responses"][_last(node["$ref"])]
    return {
        media_type: _name(content.get("schema", {}))
        for media_type, content in node.get("content", {}).items()
    }


def _name(schema: dict[str, Any]) -> str | None:
    """The name of a referenced schema. An `allOf` of one reference only adds a description."""
    parts = schema.get("allOf", [schema])
    reference = parts[0].get("$ref") if len(parts) == 1 else None
    return _last(reference) if reference else None


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
