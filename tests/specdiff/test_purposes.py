from pathlib import Path

import pytest
import yaml

from scripts.specdiff.differences import Difference
from scripts.specdiff.purposes import Meant, Purpose, Stale, purposes_of, sift

ROOT = Path(__file__).parents[2]
TEA = Difference(
    "GET /tea",
    "GET /tea response 200.leaves[].kind",
    "Leaf.kind",
    "response",
    "enum widened",
    ["a"],
    ["a", "b"],
)


@pytest.mark.parametrize(
    "at",
    ["Leaf.kind", "Leaf.*", "*.kind", "GET /tea response 200.leaves[].kind", "* response 200*"],
)
def test_a_row_covers_by_either_pointer_and_by_a_star(at: str) -> None:
    row = Purpose("why", [at], ["enum widened"])
    assert sift([TEA], [row]) == ([], [Meant(TEA, "why")], [])


def test_a_row_about_something_else_covers_nothing_and_is_told() -> None:
    rows = [
        Purpose("another place", ["Leaf.kin", "Leaf.k.nd"], ["enum widened"]),
        Purpose("another kind", ["Leaf.kind"], ["type widened"]),
        Purpose("another value", ["Leaf.kind"], ["enum widened"], ["a", "c"]),
    ]
    left, meant, stale = sift([TEA], rows)
    assert (left, meant) == ([TEA], [])
    assert {one.reason for one in stale} == {"another place", "another kind", "another value"}


def test_a_row_with_a_value_covers_that_value_alone() -> None:
    row = Purpose("why", ["Leaf.kind"], ["enum widened"], ["a", "b"])
    assert sift([TEA], [row]) == ([], [Meant(TEA, "why")], [])


def test_each_part_of_a_row_that_is_about_nothing_is_told() -> None:
    row = Purpose("why", ["Leaf.kind", "Leaf.gone"], ["enum widened", "type changed"])
    assert sift([TEA], [row])[2] == [Stale("Leaf.gone", "why"), Stale("type changed", "why")]


def test_two_rows_that_cover_the_same_are_both_in_use() -> None:
    rows = [Purpose("one", ["Leaf.*"], ["enum widened"]), Purpose("two", ["*"], ["enum widened"])]
    assert sift([TEA], rows) == ([], [Meant(TEA, "one")], [])


@pytest.mark.parametrize("api", ["ollama", "openai"])
def test_the_list_gives_reasons_and_names_fields_that_we_have(api: str) -> None:
    rows = purposes_of(api, ROOT / "specs" / "upstream.yaml")
    assert len(rows) > 10
    assert [row for row in rows if not row.reason.endswith(".")] == []
    named = {at for row in rows if row.what == ["property removed"] for at in row.at}
    assert named - fields(api) == set()


def fields(api: str) -> set[str]:
    """All fields as Schema.field; a schema of several kinds has the fields of each."""
    text = (ROOT / "specs" / f"{api}.yaml").read_text("utf-8")
    schemas = yaml.safe_load(text)["components"]["schemas"]
    parts = {name: [name] for name in schemas}
    for name, schema in schemas.items():
        parts[name] += [
            part["$ref"].rsplit("/")[-1] for part in schema.get("oneOf", ()) if "$ref" in part
        ]
    return {
        f"{name}.{key}"
        for name in schemas
        for part in parts[name]
        for key in schemas[part].get("properties", ())
    }
