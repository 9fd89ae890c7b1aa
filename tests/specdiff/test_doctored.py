"""Changes planted in copies of both specifications, each kind in several places, are all found."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.specdiff.__main__ import main
from scripts.specdiff.document import Document, read
from scripts.specdiff.operations import compare

from .planting import KINDS, NULLS, Kind, Node, doctored, places

SPECS = Path(__file__).parents[2] / "specs"
OURS = {api: read(str(SPECS / f"{api}.yaml")) for api in ("ollama", "openai")}
PLACES = 2

AROUND: dict[str, Callable[[Node, Node], Any]] = {
    "operation removed": lambda paths, item: paths.popitem(),
    "operation added": lambda paths, item: paths.update({"/api/planted": item}),
    "parameter added": lambda paths, item: item["post"].update(
        parameters=[{"in": "query", "name": "planted"}]
    ),
    "status removed": lambda paths, item: item["post"]["responses"].popitem(),
    "status added": lambda paths, item: item["post"]["responses"].update(
        {"418": {"description": ""}}
    ),
    "media type removed": lambda paths, item: item["post"]["responses"]["200"]["content"].popitem(),
    "media type added": lambda paths, item: item["post"]["responses"]["200"]["content"].update(
        {"text/x": {}}
    ),
    "body removed": lambda paths, item: item["post"].pop("requestBody"),
    "requirement removed": lambda paths, item: item["post"]["requestBody"].update(required=False),
    "deprecation changed": lambda paths, item: item["post"].update(deprecated=True),
}


@pytest.mark.parametrize("api", OURS)
def test_nothing_is_found_in_an_untouched_copy(api: str, tmp_path: Path) -> None:
    text = (SPECS / f"{api}.yaml").read_text("utf-8")
    (tmp_path / "copy.yaml").write_text(text, "utf-8")
    assert main([str(tmp_path / "copy.yaml")]) == 0


@pytest.mark.parametrize("kind", {**KINDS, **NULLS}.items(), ids=lambda item: item[0])
@pytest.mark.parametrize("api", OURS)
def test_a_planted_change_is_found(api: str, kind: tuple[str, Kind]) -> None:
    ours = OURS[api]
    candidates = places(ours.content, kind[1])
    for place in candidates[:: len(candidates) // PLACES + 1]:
        theirs = Document(doctored(ours.content, kind[1], place))
        found = compare(ours, theirs, new=True)
        there = {one.what for one in found if re.split(r"[.<[]", one.schema)[0] == place.schema}
        assert kind[1].what in there, place


@pytest.mark.parametrize("what", AROUND)
@pytest.mark.parametrize(
    ("api", "path"), [("ollama", "/api/chat"), ("openai", "/chat/completions")]
)
def test_a_planted_change_around_bodies_is_found(api: str, path: str, what: str) -> None:
    theirs = copy.deepcopy(OURS[api].content)
    AROUND[what](theirs["paths"], theirs["paths"][path])
    assert {one.what for one in compare(OURS[api], Document(theirs), new=True)} == {what}


@pytest.mark.parametrize("api", OURS)
def test_a_doctored_file_ends_with_1_whatever_is_on_purpose(
    api: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = NULLS["no null"]
    theirs = doctored(OURS[api].content, kind, places(OURS[api].content, kind)[0])
    (tmp_path / "doctored.yaml").write_text(yaml.safe_dump(theirs), "utf-8")
    assert main([str(tmp_path / "doctored.yaml")]) == 1
    assert "null narrowed" in capsys.readouterr().out


def test_every_kind_of_change_has_a_place_in_one_of_the_two() -> None:
    for kind in (*KINDS.values(), *NULLS.values()):
        assert any(places(ours.content, kind) for ours in OURS.values()), kind
