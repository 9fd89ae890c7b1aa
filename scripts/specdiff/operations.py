"""Compares two descriptions operation by operation."""

import re
from collections.abc import Iterator
from typing import Any

from .differences import Difference
from .document import METHODS, Document, Schema, mapping
from .schemas import Comparison, Place
from .unused import unused

type Operations = dict[str, Schema]  # by method and path

_JSON = "application/json"


def compare(ours: Document, theirs: Document, *, new: bool) -> list[Difference]:
    """All differences, in the order of our operations; `new` tells of operations we do not have."""
    mine, other = _operations(ours), _operations(theirs)
    comparison = Comparison(ours, theirs)
    found: dict[Any, Difference] = {}
    for difference in _compare(comparison, mine, other, new=new):
        key = (difference.side, difference.schema or difference.pointer, difference.what)
        found.setdefault((*key, str(difference.ours), str(difference.theirs)), difference)
    return list(found.values())


def _compare(
    comparison: Comparison, mine: Operations, other: Operations, *, new: bool
) -> Iterator[Difference]:
    titles = {_key(title): title for title in other}
    for title, operation in mine.items():
        place = Place(title, title, "call")
        if (match := titles.pop(_key(title), None)) is None:
            yield place.tell("operation removed")
            continue
        yield from _operation(comparison, place, operation, other[match])
    if new:
        for title in titles.values():
            yield Place(title, title, "call").tell("operation added")
    yield from unused(comparison)


def _operations(document: Document) -> Operations:
    """Each operation, with the parameters that all of its path have."""
    found: Operations = {}
    for path, raw in document.paths.items():
        item, _ = document.resolve(raw)
        for method in METHODS:
            if method in item:
                title = f"{method.upper()} {path}"
                operation = mapping(item[method], title)
                parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
                found[title] = {**operation, "parameters": parameters}
    return found


def _key(title: str) -> str:
    """How the path's parameters are called makes no difference, nor does a leading /v1."""
    return re.sub(r"\{[^}]*\}", "{}", title).replace(" /v1/", " /")


def _operation(
    comparison: Comparison, place: Place, ours: Schema, theirs: Schema
) -> Iterator[Difference]:
    if bool(ours.get("deprecated")) != bool(theirs.get("deprecated")):
        yield place.tell("deprecation changed", ours.get("deprecated"), theirs.get("deprecated"))
    mine = _parameters(comparison.ours, ours)
    other = _parameters(comparison.theirs, theirs)
    yield from _parameter_changes(comparison, place, mine, other)
    yield from _body(comparison, place, ours.get("requestBody"), theirs.get("requestBody"))
    yield from _answers(comparison, place, ours, theirs)


def _parameters(document: Document, operation: Schema) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for raw in operation["parameters"]:
        parameter, _ = document.resolve(raw)
        found[f"{parameter.get('in')} {parameter.get('name')}"] = parameter
    in_path = [key for key in found if key.startswith("path ")]
    return {
        f"path {in_path.index(key) + 1}" if key in in_path else key: found[key] for key in found
    }


def _parameter_changes(
    comparison: Comparison, place: Place, ours: dict[str, Schema], theirs: dict[str, Schema]
) -> Iterator[Difference]:
    for key in ours | theirs:
        at = place.inside(f" parameter {key}")
        mine, other = ours.get(key), theirs.get(key)
        if mine is None or other is None:
            what = "parameter added" if mine is None else "parameter removed"
            yield at.tell(what, mine and _need(mine), other and _need(other))
            continue
        if _need(mine) != _need(other):
            yield at.tell(f"requirement {'added' if _need(other) == 'required' else 'removed'}")
        request = Place(place.operation, at.pointer, "request")
        yield from comparison.compare(request, mine.get("schema", {}), other.get("schema", {}))


def _need(part: Schema) -> str:
    return "required" if part.get("required") else "optional"


def _body(comparison: Comparison, place: Place, ours: Any, theirs: Any) -> Iterator[Difference]:
    at = place.inside(" request")
    mine = None if ours is None else comparison.ours.resolve(ours)[0]
    other = None if theirs is None else comparison.theirs.resolve(theirs)[0]
    if mine is None or other is None:
        if mine or other:
            what = "body added" if mine is None else "body removed"
            yield at.tell(what, mine and _need(mine), other and _need(other))
        return
    if _need(mine) != _need(other):
        yield at.tell(f"requirement {'added' if _need(other) == 'required' else 'removed'}")
    yield from _contents(comparison, at, "request", mine, other)


def _contents(
    comparison: Comparison, place: Place, side: str, ours: Schema, theirs: Schema
) -> Iterator[Difference]:
    mine, other = ours.get("content") or {}, theirs.get("content") or {}
    for media in mine | other:
        at = place if media == _JSON else place.inside(f" {media}")
        if media not in other or media not in mine:
            yield at.tell("media type added" if media not in mine else "media type removed", media)
        else:
            inner = Place(place.operation, at.pointer, side)
            yield from comparison.compare(
                inner, mine[media].get("schema", {}), other[media].get("schema", {})
            )


def _answers(
    comparison: Comparison, place: Place, ours: Schema, theirs: Schema
) -> Iterator[Difference]:
    mine = {str(status): raw for status, raw in (ours.get("responses") or {}).items()}
    other = {str(status): raw for status, raw in (theirs.get("responses") or {}).items()}
    for status in mine | other:
        at = place.inside(f" response {status}")
        if status not in mine or status not in other:
            yield at.tell("status added" if status not in mine else "status removed", status)
            continue
        one, another = (
            comparison.ours.resolve(mine[status])[0],
            comparison.theirs.resolve(other[status])[0],
        )
        yield from _headers(comparison, at, one, another)
        yield from _contents(comparison, at, "response", one, another)


def _headers(
    comparison: Comparison, place: Place, ours: Schema, theirs: Schema
) -> Iterator[Difference]:
    mine, other = ours.get("headers") or {}, theirs.get("headers") or {}
    for name in mine | other:
        at = place.inside(f" header {name}")
        if name not in mine or name not in other:
            yield at.tell("header added" if name not in mine else "header removed")
            continue
        one, another = (
            comparison.ours.resolve(mine[name])[0],
            comparison.theirs.resolve(other[name])[0],
        )
        inner = Place(place.operation, at.pointer, "response")
        yield from comparison.compare(inner, one.get("schema", {}), another.get("schema", {}))
