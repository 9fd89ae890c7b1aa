"""A small API to change: one operation with a request and an answer, in either version of OpenAPI."""

from typing import Any

from scripts.specdiff.differences import Difference
from scripts.specdiff.document import Document
from scripts.specdiff.operations import compare

type Schema = dict[str, Any]


def cafe(
    asked: Any = None, answered: Any = None, version: str = "3.0.3", **components: Schema
) -> Document:
    """POST /orders takes `asked` and answers `answered`."""
    operation = {
        "requestBody": {"content": {"application/json": {"schema": asked or {}}}},
        "responses": {"200": {"content": {"application/json": {"schema": answered or {}}}}},
    }
    return Document(
        {
            "openapi": version,
            "info": {"title": f"Cafe {version}", "version": "1"},
            "paths": {"/orders": {"post": operation}},
            "components": {"schemas": components},
        }
    )


def differences(ours: Document, theirs: Document) -> list[Difference]:
    return compare(ours, theirs, new=True)


def kinds(ours: Document, theirs: Document) -> list[str]:
    return [difference.what for difference in differences(ours, theirs)]
