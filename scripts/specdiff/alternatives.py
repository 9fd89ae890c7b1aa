"""Which alternative of one schema stands against which of another."""

from collections.abc import Iterator

from .document import Document
from .shape import Branch, Shape, shape_of, union

type Pair = tuple[str, Branch | None, Branch | None]
type Labelled = dict[str, Branch]

_TYPES = ("boolean", "number", "string", "array")


def pairs(our: Document, their: Document, ours: Shape, theirs: Shape) -> Iterator[Pair]:
    """The branches to compare, each with a step to add to the pointer, which may be empty."""
    for type_ in _TYPES:
        if ours.of(type_) and theirs.of(type_):
            yield "", union(ours.of(type_)), union(theirs.of(type_))
    left, right = ours.of("object"), theirs.of("object")
    if not left or not right:
        return
    labels = None if len(left) == len(right) == 1 else _labels(our, their, left, right)
    if labels is None:
        yield "", union(left), union(right)
        return
    one, other = labels
    for label in one | other:
        yield f"<{label}>", one.get(label), other.get(label)


def _labels(
    our: Document, their: Document, left: list[Branch], right: list[Branch]
) -> tuple[Labelled, Labelled] | None:
    """Both sides by the value of a field that tells their objects apart, or else by their names."""
    for key in set.intersection(*(set(branch.properties) for branch in (*left, *right))):
        one, other = _by_value(our, key, left), _by_value(their, key, right)
        if one and other:
            return one, other
    one, other = _by_name(left), _by_name(right)
    return (one, other) if one and other and one.keys() & other.keys() else None


def _by_value(document: Document, key: str, branches: list[Branch]) -> Labelled | None:
    found: Labelled = {}
    for branch in branches:
        texts = shape_of(document, branch.properties[key]).of("string")
        values = union(texts).enum if texts else None
        if not values or len(values) > 1:
            return None
        found[f"{key}={next(iter(values))[1:-1]}"] = branch
    return found if len(found) == len(branches) else None


def _by_name(branches: list[Branch]) -> Labelled | None:
    found = {branch.name: branch for branch in branches}
    return None if "" in found or len(found) < len(branches) else found
