from typing import Any

import pytest

from scripts.specdiff.differences import Difference

from .cafe import cafe, differences

TEXT = {"type": "string"}


def order(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def number(**limits: Any) -> dict[str, Any]:
    return {"type": "number", **limits}


# What is said of a change; whether it breaks who sends such a value, and who reads one.
CHANGES: list[tuple[Any, Any, str, bool, bool]] = [
    (order(a=TEXT), order(), "fields widened", False, True),
    (order(), order(a=TEXT), "fields narrowed", True, False),
    (order(a=TEXT, b=TEXT), order(a=TEXT), "property removed", True, True),
    (order(a=TEXT), order(a=TEXT, b=TEXT), "property added", False, False),
    (order(a=TEXT), order("b", a=TEXT, b=TEXT), "property added", True, False),
    (order(a=TEXT), order("a", a=TEXT), "requirement added", True, False),
    (order("a", a=TEXT), order(a=TEXT), "requirement removed", False, True),
    (TEXT, {"type": "integer"}, "type changed", True, True),
    (TEXT, {"oneOf": [TEXT, {"type": "integer"}]}, "type widened", False, True),
    ({"oneOf": [TEXT, {"type": "integer"}]}, TEXT, "type narrowed", True, False),
    (number(), {"type": "integer"}, "type narrowed", True, False),
    (TEXT, {**TEXT, "nullable": True}, "null widened", False, True),
    ({**TEXT, "nullable": True}, TEXT, "null narrowed", True, False),
    ({"enum": ["a"]}, {"enum": ["a", "b"]}, "enum widened", False, True),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}, "enum narrowed", True, False),
    ({"enum": ["a", "b"]}, {"enum": ["a", "c"]}, "enum changed", True, True),
    ({"enum": ["a"]}, TEXT, "enum widened", False, True),
    (TEXT, {**TEXT, "default": "a"}, "default added", False, False),
    ({**TEXT, "default": "a"}, {**TEXT, "default": "b"}, "default changed", True, False),
    ({**TEXT, "default": "a"}, TEXT, "default removed", True, False),
    (number(minimum=0), number(minimum=1), "minimum narrowed", True, False),
    (number(minimum=1), number(minimum=0), "minimum widened", False, True),
    (number(maximum=2), number(maximum=1), "maximum narrowed", True, False),
    (number(maximum=1), number(), "maximum widened", False, True),
    (number(multipleOf=2), number(multipleOf=3), "multipleOf changed", True, True),
    ({**TEXT, "pattern": "a"}, {**TEXT, "pattern": "b"}, "pattern changed", True, True),
    (TEXT, {**TEXT, "format": "uri"}, "format narrowed", True, False),
    ({**TEXT, "format": "uri"}, TEXT, "format widened", False, True),
    ({**TEXT, "format": "uri"}, {**TEXT, "format": "uuid"}, "format changed", True, True),
    (TEXT, {**TEXT, "deprecated": True}, "deprecation changed", False, False),
    (
        order(a=TEXT),
        {**order(a=TEXT), "additionalProperties": False},
        "other fields narrowed",
        True,
        False,
    ),
    (
        {**order(a=TEXT), "additionalProperties": False},
        order(a=TEXT),
        "other fields widened",
        False,
        False,
    ),
    (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": number()},
        "type changed",
        True,
        True,
    ),
    (
        {"type": "array", "items": TEXT},
        {"type": "array", "items": number()},
        "type changed",
        True,
        True,
    ),
]


def one(found: list[Difference]) -> Difference:
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(("old", "new", "what", "breaks_senders", "breaks_readers"), CHANGES)
def test_a_change_is_named_and_judged_by_the_side_it_is_on(
    old: Any, new: Any, what: str, breaks_senders: bool, breaks_readers: bool
) -> None:
    asked = one(differences(cafe(old, TEXT), cafe(new, TEXT)))
    assert (asked.what, asked.side, asked.breaking) == (what, "request", breaks_senders)
    answered = one(differences(cafe(TEXT, old), cafe(TEXT, new)))
    assert (answered.what, answered.side, answered.breaking) == (what, "response", breaks_readers)


def kind(value: str, **properties: Any) -> dict[str, Any]:
    return order("kind", kind={"enum": [value]}, **properties)


def test_objects_are_told_apart_by_the_field_that_names_their_kind() -> None:
    ours = {"oneOf": [kind("tea", leaf=TEXT), kind("juice", fruit=TEXT)]}
    theirs = {"oneOf": [kind("juice", fruit=number()), kind("milk"), kind("tea", leaf=TEXT)]}
    found = differences(cafe(ours), cafe(theirs))
    assert [(each.what, each.pointer, each.breaking) for each in found] == [
        ("type changed", "POST /orders request<kind=juice>.fruit", True),
        ("alternative added", "POST /orders request<kind=milk>", False),
    ]


def test_an_alternative_that_goes_breaks_who_sends_it() -> None:
    ours = {"oneOf": [kind("tea"), kind("juice")]}
    assert one(differences(cafe(ours), cafe(kind("tea")))).breaking
    assert not one(differences(cafe(TEXT, ours), cafe(TEXT, kind("tea")))).breaking


def test_one_object_stands_for_several_where_it_takes_all_their_kinds() -> None:
    ours = order("kind", kind={"enum": ["tea", "juice"]}, leaf=TEXT)
    theirs = {"oneOf": [kind("tea", leaf=TEXT), kind("juice")]}
    assert differences(cafe(ours), cafe(theirs)) == []


def test_objects_without_such_a_field_are_told_apart_by_their_names() -> None:
    choice = {
        "oneOf": [{"$ref": "#/components/schemas/Tea"}, {"$ref": "#/components/schemas/Juice"}]
    }
    old = cafe(choice, Tea=order(leaf=TEXT), Juice=order(fruit=TEXT))
    new = cafe(choice, Tea=order(leaf=TEXT), Juice=order(fruit=number()))
    found = one(differences(old, new))
    assert (found.pointer, found.schema) == ("POST /orders request<Juice>.fruit", "Juice.fruit")


def test_a_schema_is_named_and_reported_once_wherever_it_is_used() -> None:
    milk = {"$ref": "#/components/schemas/Milk"}
    old = cafe(order(a=milk, b={"type": "array", "items": milk}), Milk=order(fat=TEXT))
    new = cafe(order(a=milk, b={"type": "array", "items": milk}), Milk=order(fat=number()))
    found = one(differences(old, new))
    assert (found.pointer, found.schema) == ("POST /orders request.a.fat", "Milk.fat")


def test_a_default_of_one_alternative_is_compared_as_well() -> None:
    ours = {"oneOf": [TEXT, {"type": "array", "items": TEXT}]}
    theirs = {"oneOf": [{**TEXT, "default": "x"}, {"type": "array", "items": TEXT}]}
    assert one(differences(cafe(ours), cafe(theirs))).what == "default added"
