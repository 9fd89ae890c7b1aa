"""The list of mutants, made from the specifications: every operation has some."""

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
    """A fault, and the path of the operation that has it.

    `target` is the operationId for a faulty answer, or the file of a faulty specification.
    """

    target: str
    fault: str
    path: str

    def __str__(self) -> str:
        return f"{self.target}:{self.fault}"


def answer_mutants() -> Iterator[Mutant]:
    """Faults in what handlers answer."""
    for path, operation in _operations(_OLLAMA):
        for fault in _faults(operation):
            yield Mutant(operation["operationId"], fault, path)


def _faults(operation: Node) -> tuple[str, ...]:
    good = _good(operation)
    if good is None:
        return ("refusal", "accept")
    content = good.get("content", {})
    if _LINES in content:
        return ("status", "drop", "retype", "extra line")
    if _JSON in content:
        return ("status", "drop", "retype")
    return ("status", "text") if content else ("status",)


def required_fields(operation_id: str) -> tuple[str, ...]:
    """What the good answers of an operation always have: of a stream, its lines."""
    for _, operation in _operations(_OLLAMA):
        if operation["operationId"] == operation_id:
            content = (_good(operation) or {}).get("content", {})
            schema = content.get(_LINES, content.get(_JSON, {})).get(_SCHEMA, {})
            return tuple(_object(schema, load_spec(_OLLAMA)).get("required", ()))
    raise KeyError(operation_id)


def contract_mutants() -> Iterator[tuple[Mutant, Node]]:
    """Faults in the specifications, each with the whole document that has it."""
    for file in (_OLLAMA, _OPENAI):
        for path, operation in _operations(file):
            name = operation["operationId"]
            for fault, change in _CHANGES.items():
                if file == _OPENAI and change is _another_status:
                    continue  # any status below 300 is as good as another from a backend
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
    return body is not None and _turned(_object(body, document))


def _another_answer(document: Node, operation: Node) -> bool:
    content = (_good(operation) or {}).get("content", {})
    schema = content.get(_LINES, content.get(_JSON, {})).get(_SCHEMA)
    return schema is not None and _turned(_object(schema, document))


def _turned(schema: Node) -> bool:
    """Whether the first required field could be made to be of another type."""
    for name in schema.get("required", ()):
        old = schema.get("properties", {}).get(name)
        if old is not None:
            kind = "integer" if old.get("type") != "integer" else "string"
            schema["properties"][name] = {"type": kind}
            return True
    return False


_CHANGES = {
    "answers with another status": _another_status,
    "wants another type in its request": _another_request,
    "has another type in its answer": _another_answer,
}


def _object(schema: Node, document: Node) -> Node:
    """The first object with required fields that a schema leads to."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for word in ("oneOf", "anyOf", "allOf"):
        for part in schema.get(word, ()):
            found = _object(part, document)
            if found.get("required"):
                return found
    return schema


def _good(operation: Node) -> Node | None:
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
