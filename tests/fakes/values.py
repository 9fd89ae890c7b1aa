"""Hypothesis strategies for JSON values, and for documents that nearly match a schema."""

from typing import Any

from hypothesis import strategies as st

NUMBERS = (
    st.integers(-3, 30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([10**18, 10**30, 10**400, -(10**400), 1e300, -1e300])
)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def documents_for(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Documents whose types match `schema`, though bounds may be violated; and others."""
    return _fitting(schema, schemas, st.nothing()) | _fitting(schema, schemas, VALUES)


def _fitting(
    schema: dict[str, Any], schemas: dict[str, Any], else_: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    def inside(part: dict[str, Any]) -> st.SearchStrategy[Any]:
        return _fitting(part, schemas, else_) | else_

    if "$ref" in schema:
        return inside(schemas[schema["$ref"].rpartition("/")[2]])
    parts = schema.get("allOf") or schema.get("oneOf")
    if parts:
        return st.one_of(*map(inside, parts))
    if "properties" in schema:
        inner = {name: inside(part) for name, part in schema["properties"].items()}
        return st.fixed_dictionaries({}, optional=inner)
    if "items" in schema:
        return st.lists(inside(schema["items"]), max_size=3)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return _simple(schema)


def _simple(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    strategies: dict[str, st.SearchStrategy[Any]] = {
        "object": st.dictionaries(st.text(max_size=5), VALUES, max_size=3),
        "string": st.text(max_size=8) | st.sampled_from(["user", "assistant", "tool", "aGk=", "f"]),
        "boolean": st.booleans(),
        "integer": st.integers(schema.get("minimum", -3), schema.get("maximum", 30)),
        "number": NUMBERS,
    }
    return strategies.get(schema.get("type", ""), VALUES)
