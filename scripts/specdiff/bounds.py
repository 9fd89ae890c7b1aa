"""Limits of values: least and greatest, lengths, patterns; which of two sets lets more through."""

from collections.abc import Iterator
from typing import Any

type Bounds = dict[str, Any]

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("multipleOf", "uniqueItems", "pattern")


def bounds_of(schema: dict[str, Any]) -> Bounds:
    """The limits that a schema sets, as OpenAPI 3.1 writes them."""
    return dict(_read(schema))


def _read(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    # 3.0 says by a flag that the neighbour is exclusive, 3.1 gives the number itself.
    flags = {key: f"exclusive{key[0].upper()}{key[1:]}" for key in ("minimum", "maximum")}
    for key in (*_LOWER, *_UPPER, *_EXACT):
        value = schema.get(key)
        is_flag = isinstance(value, bool) and not (key == "uniqueItems" and value)
        if value is not None and not is_flag:
            yield (flags[key] if schema.get(flags.get(key, "")) is True else key), value


def tightest(one: Bounds, other: Bounds) -> Bounds:
    """What both let through."""
    merged = {**one, **other}
    for key in one.keys() & other.keys():
        merged[key] = _pick(key, one[key], other[key], tighter=True)
    return merged


def loosest(one: Bounds, other: Bounds) -> Bounds:
    """What either lets through, as far as limits can say it."""
    return {
        key: _pick(key, one[key], other[key], tighter=False)
        for key in one
        if key in other and (key not in _EXACT or one[key] == other[key])
    }


def direction(key: str, ours: Any, theirs: Any) -> str:
    """Whether the second of two values of a limit lets less through, more, or something else."""
    if ours is None or theirs is None:
        return "narrowed" if ours is None else "widened"
    if key in _EXACT:
        return "changed"
    return "narrowed" if _pick(key, ours, theirs, tighter=True) == theirs else "widened"


def _pick(key: str, one: Any, other: Any, *, tighter: bool) -> Any:
    return max(one, other) if (key in _LOWER) == tighter else min(one, other)
