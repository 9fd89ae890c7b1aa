"""Faults of a response, as functions that change a correct one."""

from collections.abc import Callable, Mapping
from typing import Any

type Document = Any
type Names = tuple[str, ...]


def drop(document: Document, required: Names) -> Document:
    """Remove the last required field."""
    return {key: value for key, value in document.items() if key != _last(document, required)}


def retype(document: Document, required: Names) -> Document:
    """Change the type of the last required field."""
    name = _last(document, required)
    return {**document, name: {} if isinstance(document[name], list) else [document[name]]}


def _last(document: Document, required: Names) -> str:
    return [name for name in required or document if name in document][-1]


CHANGES: Mapping[str, Callable[[Document, Names], Document]] = {"drop": drop, "retype": retype}
"""Changes of a JSON document or of the first line of a stream."""

WRONG_STATUS = 203
"""Replaces a successful status; no operation returns it."""

WRONG_ERROR_STATUS = 418
"""Replaces the status of an error; no operation returns it."""
