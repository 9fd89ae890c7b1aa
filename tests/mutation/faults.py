"""What can be wrong with an answer, as changes of one that is right."""

from collections.abc import Callable, Mapping
from typing import Any

type Document = Any
type Names = tuple[str, ...]


def drop(document: Document, required: Names) -> Document:
    """Without the last of its required fields."""
    return {key: value for key, value in document.items() if key != _last(document, required)}


def retype(document: Document, required: Names) -> Document:
    """With a value of another kind in the last of its required fields."""
    name = _last(document, required)
    return {**document, name: {} if isinstance(document[name], list) else [document[name]]}


def _last(document: Document, required: Names) -> str:
    return [name for name in required or document if name in document][-1]


CHANGES: Mapping[str, Callable[[Document, Names], Document]] = {"drop": drop, "retype": retype}
"""Of a JSON document or of the first line of a stream."""

WRONG_STATUS = 203
"""In place of a good one; no operation answers with it."""

WRONG_REFUSAL = 418
"""In place of a refusal's; no operation refuses with it."""
