from typing import Any

import pytest

from .cafe import cafe, differences, kinds

TEXT = {"type": "string"}
ORDER: dict[str, Any] = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}

SAME: dict[str, list[tuple[Any, Any]]] = {
    "null by a flag, by a list of types, by an alternative": [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": True}, {"anyOf": [TEXT, {"type": "null"}]}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"enum": ["a", None]}),
    ],
    "one value": [({"type": "string", "enum": ["a"]}, {"const": "a"})],
    "an exclusive limit by a flag and by itself": [
        (
            {"type": "number", "minimum": 0, "exclusiveMinimum": True},
            {"type": "number", "exclusiveMinimum": 0},
        ),
        (
            {"type": "number", "maximum": 9, "exclusiveMaximum": True},
            {"type": "number", "exclusiveMaximum": 9},
        ),
    ],
    "a type that is plain from what is asked": [
        (ORDER, {k: v for k, v in ORDER.items() if k != "type"})
    ],
    "put together from parts": [
        (
            ORDER,
            {"allOf": [{"properties": {"name": TEXT}}, {"type": "object", "required": ["name"]}]},
        ),
        (ORDER, {"oneOf": [ORDER]}),
        (ORDER, {"$ref": "#/components/schemas/Order"}),
        (ORDER, {"allOf": [{"$ref": "#/components/schemas/Order"}]}),
    ],
    "alternatives in another order": [
        (
            {"oneOf": [TEXT, {"type": "array", "items": TEXT}]},
            {"anyOf": [{"type": "array", "items": TEXT}, TEXT]},
        )
    ],
    "several lists, and a list of several": [
        (
            {"type": "array", "items": {"oneOf": [TEXT, {"type": "integer"}]}},
            {
                "oneOf": [
                    {"type": "array", "items": TEXT},
                    {"type": "array", "items": {"type": "integer"}},
                ]
            },
        )
    ],
    "whole numbers among all numbers": [
        ({"type": "number"}, {"oneOf": [{"type": "integer"}, {"type": "number"}]})
    ],
    "the tighter of two limits": [
        (
            {"type": "integer", "minimum": 3},
            {"allOf": [{"type": "integer", "minimum": 1}, {"minimum": 3}]},
        )
    ],
    "words and prose": [
        (TEXT, {"type": "string", "description": "A name.", "example": "Ann", "title": "Name"})
    ],
}


@pytest.mark.parametrize("pair", [pair for pairs in SAME.values() for pair in pairs])
def test_what_means_the_same_in_other_words_is_no_difference(pair: tuple[Any, Any]) -> None:
    for ours, theirs in (pair, pair[::-1]):
        old = cafe(ours, ours, Order=ORDER)
        assert differences(old, cafe(theirs, theirs, "3.1.0", Order=ORDER)) == []


def test_schemas_that_hold_themselves_are_compared_once() -> None:
    node: dict[str, Any] = {
        "type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/Node"}, "name": TEXT},
    }
    other = {**node, "properties": {**node["properties"], "name": {"type": "integer"}}}
    reference = {"$ref": "#/components/schemas/Node"}
    found = differences(cafe(reference, Node=node), cafe(reference, Node=other))
    assert [(one.what, one.pointer) for one in found] == [
        ("type changed", "POST /orders request.name")
    ]


def test_a_schema_made_of_itself_says_nothing() -> None:
    loop = {"allOf": [{"$ref": "#/components/schemas/Loop"}, {"type": "string"}]}
    reference = {"$ref": "#/components/schemas/Loop"}
    assert kinds(cafe(reference, Loop=loop), cafe(TEXT)) == []


def test_false_lets_nothing_through() -> None:
    assert kinds(cafe({"type": "array"}), cafe({"type": "array", "items": False})) == [
        "type narrowed"
    ]
