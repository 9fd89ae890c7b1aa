"""The list of mutants, derived from the specifications. Every operation has at least one."""

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from ollama_openai_proxy.spec import load_spec

_OLLAMA = "ollama.yaml"
_OPENAI = "openai.yaml"
_JSON = "application/json"
_LINES = "application/x-ndjson"
_SCHEMA = "schema"

type Node = dict[str, Any]


class Mutant(NamedTuple):
    """A fault and the path of the affected operation.

    `target` is the operationId for a faulty response, or the file name of a faulty specification.
    """

    target: str
    fault: str
    path: str

    def __str__(self) -> str:
        return f"{self.target}:{self.fault}"


def handler_mutants() -> Iterator[Mutant]:
    """Faults in the responses of handlers."""
    for path, operation in _operations(_OLLAMA):
        for fault in _faults(operation):
            yield Mutant(operation["operationId"], fault, path)


def _faults(operation: Node) -> tuple[str, ...]:
    success = _successful(operation)
    if success is None:
        return ("error status", "accept")
    content = success.get("content", {})
    if _LINES in content:
        return ("status", "drop", "retype", "extra line")
    if _JSON in content:
        return ("status", "drop", "retype")
    return ("status", "text") if content else ("status",)


def required_fields(operation_id: str) -> tuple[str, ...]:
    """Required fields of an operation's successful response, or of its lines if it is a stream."""
    for _, operation in _operations(_OLLAMA):
        if operation["operationId"] == operation_id:
            content = (_successful(operation) or {}).get("content", {})
            schema = content.get(_LINES, content.get(_JSON, {})).get(_SCHEMA, {})
            return tuple(_object(schema, load_spec(_OLLAMA)).get("required", ()))
    raise KeyError(operation_id)


def contract_mutants() -> Iterator[tuple[Mutant, Node]]:
    """Faults in the specifications, each with the complete modified document."""
    for file in (_OLLAMA, _OPENAI):
        for path, operation in _operations(file):
            name = operation["operationId"]
            for fault, change in _CHANGES.items():
                if file == _OPENAI and change is _another_status:
                    continue  # the service accepts any backend status below 300
                document = copy.deepcopy(_raw(file))
                if change(document, _operation(document, name)):
                    yield Mutant(file, f"{name} {fault}", path), document


def _another_status(_: Node, operation: Node) -> bool:
    first = next(status for status in operation["responses"])
    if first == "default":
        return False
    responses = operation["responses"]
    operation["responses"] = {"299" if key == first else key: responses[key] for key in responses}
    return True


def _another_request(document: Node, operation: Node) -> bool:
    body = operation.get("requestBody", {}).get("content", {}).get(_JSON, {}).get(_SCHEMA)
    return body is not None and _retyped(_object(body, document))


def _another_response(document: Node, operation: Node) -> bool:
    content = (_successful(operation) or {}).get("content", {})
    schema = content.get(_LINES, content.get(_JSON, {})).get(_SCHEMA)
    return schema is not None and _retyped(_object(schema, document))


def _retyped(schema: Node) -> bool:
    """Change the type of the first required field. Returns False if there is none."""
    for name in schema.get("required", ()):
        old = schema.get("properties", {}).get(name)
        if old is not None:
            kind = "integer" if old.get("type") != "integer" else "string"
            schema["properties"][name] = {"type": kind}
            return True
    return False


_CHANGES = {
    "other response status": _another_status,
    "other type in the request": _another_request,
    "other type in the response": _another_response,
}


def _object(schema: Node, document: Node) -> Node:
    """Follow references and alternatives to the first object schema with required fields."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for word in ("oneOf", "anyOf", "allOf"):
        for part in schema.get(word, ()):
            found = _object(part, document)
            if found.get("required"):
                return found
    return schema


def _successful(operation: Node) -> Node | None:
    return next((r for s, r in operation["responses"].items() if s.startswith("2")), None)


def _operation(document: Node, name: str) -> Node:
    return next(found for _, found in _walk(document) if found["operationId"] == name)


def _operations(file: str) -> Iterator[tuple[str, Node]]:
    return _walk(_raw(file))


def _walk(document: Node) -> Iterator[tuple[str, Node]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            if isinstance(operation, dict) and "operationId" in operation:
                yield path, operation


@cache
def _raw(file: str) -> Node:
    return load_spec(file)
