"""The operations of a specification: what may be asked, and what may be answered."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from ..spec import load_spec

type Content = Mapping[str, str | None]
"""Media types, and the name of the schema of each; None where any body will do."""

_PARAMETER = re.compile(r"\\\{[^}]*\\\}")
_DEFAULT = "default"


class Described(NamedTuple):
    """An operation: the schema of its JSON body, if it has one, and the content by status."""

    name: str
    body: str | None
    answers: Mapping[str, Content]

    def content(self, status: int) -> Content | None:
        """What an answer with this status holds, if there may be one."""
        return self.answers.get(str(status), self.answers.get(_DEFAULT))


@cache
def operations(spec: str) -> Mapping[str, Described]:
    """Every operation in specs/`spec` by its operationId."""
    return {operation.name: operation for _, _, operation in _table(spec)}


def find(spec: str, method: str, path: str) -> Described | None:
    """The operation that a path ends in; what stands before is the server's."""
    found = [
        (match.start(), operation)
        for known, pattern, operation in _table(spec)
        if known == method and (match := pattern.search(path))
    ]
    return min(found, key=lambda one: one[0])[1] if found else None


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
    asked = _content(operation.get("requestBody", {}), document)
    answers = {
        str(status): _content(answer, document) for status, answer in operation["responses"].items()
    }
    return Described(operation["operationId"], asked.get("application/json"), answers)


def _content(node: dict[str, Any], document: dict[str, Any]) -> Content:
    if "$ref" in node:
        node = document["components"]["responses"][_last(node["$ref"])]
    return {
        media_type: _name(one.get("schema", {}))
        for media_type, one in node.get("content", {}).items()
    }


def _name(schema: dict[str, Any]) -> str | None:
    """The schema that is meant; one that only adds words to another is that."""
    parts = schema.get("allOf", [schema])
    reference = parts[0].get("$ref") if len(parts) == 1 else None
    return _last(reference) if reference else None


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
