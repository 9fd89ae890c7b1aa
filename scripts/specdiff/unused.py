"""Compares the schemas that no operation of ours refers to; they are read by other means."""

from collections.abc import Iterator
from typing import Any

from .differences import Difference
from .document import Document
from .schemas import Comparison, Place

_TITLE = "schemas in no operation"


def unused(comparison: Comparison) -> Iterator[Difference]:
    """By their names, which upstream seldom shares; what it does not have is nobody's business."""
    reached = _reached(comparison.ours)
    theirs = _schemas(comparison.theirs)
    for name in _schemas(comparison.ours):
        reference = {"$ref": f"#/components/schemas/{name}"}
        if name in theirs and reference["$ref"] not in reached:
            place = Place(_TITLE, f"{_TITLE} {name}", "response", name)
            yield from comparison.compare(place, reference, reference)


def _schemas(document: Document) -> dict[str, Any]:
    components: dict[str, Any] = document.content.get("components") or {}
    return components.get("schemas") or {}


def _reached(document: Document) -> set[str]:
    found: set[str] = set()
    waiting: list[Any] = [document.paths]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in found:
                found.add(reference)
                waiting.append(document.at(reference))
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return found
