"""Planted changes of both specifications are reported, and nothing else is."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.specdiff.__main__ import main
from scripts.specdiff.drift import drift
from scripts.specdiff.upstream import SPECS, Unreadable, read_upstream

from .planting import KINDS, Change, Node, doctored, places

OURS: dict[str, Node] = {
    api: yaml.safe_load((SPECS / f"{api}.yaml").read_text("utf-8")) for api in ("ollama", "openai")
}
PATHS = {"ollama": "/api/chat", "openai": "/chat/completions"}
UNUSED = "/fine_tuning/jobs"

AROUND: dict[str, Callable[[Node, Node], Any]] = {
    "operation removed": lambda paths, item: item.pop("post"),
    "parameter added": lambda paths, item: item["post"].update(
        parameters=[{"in": "query", "name": "planted", "schema": {"type": "string"}}]
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
    "body optional": lambda paths, item: item["post"]["requestBody"].update(required=False),
    "deprecated": lambda paths, item: item["post"].update(deprecated=True),
}

pytestmark = pytest.mark.usefixtures("oasdiff")


def compare(folder: Path, api: str, new: Node) -> str:
    files = folder / "old.json", folder / "new.json"
    for file, content in zip(files, (OURS[api], new), strict=True):
        file.write_text(json.dumps(content), "utf-8")
    return drift(str(files[0]), str(files[1]), read_upstream()[api].paths)


@pytest.mark.parametrize("api", OURS)
def test_a_copy_has_no_changes(api: str, tmp_path: Path) -> None:
    assert compare(tmp_path, api, OURS[api]) == ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("api", OURS)
def test_a_planted_change_is_reported(api: str, kind: str, tmp_path: Path) -> None:
    found = places(OURS[api], KINDS[kind])
    for place in found[len(found) // 2 :][:1]:
        assert compare(tmp_path, api, doctored(OURS[api], KINDS[kind], place)), place


@pytest.mark.parametrize("change", AROUND)
@pytest.mark.parametrize("api", OURS)
def test_a_planted_change_of_an_operation_is_reported(
    api: str, change: str, tmp_path: Path
) -> None:
    new = copy.deepcopy(OURS[api])
    AROUND[change](new["paths"], new["paths"][PATHS[api]])
    assert f"POST {PATHS[api]}" in compare(tmp_path, api, new)


def test_every_kind_of_change_fits_somewhere_in_one_of_the_specifications() -> None:
    for name, kind in KINDS.items():
        assert any(places(ours, kind) for ours in OURS.values()), name


def test_a_new_operation_is_reported_if_its_path_is_selected(tmp_path: Path) -> None:
    for api, is_reported in (("ollama", True), ("openai", False)):
        new = copy.deepcopy(OURS[api])
        new["paths"][UNUSED] = new["paths"][PATHS[api]]
        assert (UNUSED in compare(tmp_path, api, new)) is is_reported


def prose(new: Node) -> None:
    new["info"] |= {"title": "Other", "version": "9"}
    new["paths"]["/embeddings"]["post"] |= {"summary": "Other", "x-other": {"a": 1}}
    schema = new["components"]["schemas"]["CreateEmbeddingRequest"]
    schema |= {"description": "Other", "title": "Other", "example": {"model": "x"}}


def unused_schema(new: Node) -> None:
    new["components"]["schemas"]["Unused"] = {"type": "string"}


def newer_version(new: Node) -> None:
    new["openapi"] = "3.1.0"
    for schema in new["components"]["schemas"].values():
        for one in schema.get("properties", {}).values():
            if "type" in one and one.pop("nullable", False):
                one["type"] = [one["type"], "null"]


SAME: list[Change] = [prose, unused_schema, newer_version]


@pytest.mark.parametrize("change", SAME)
def test_changes_that_clients_cannot_see_are_not_reported(change: Change, tmp_path: Path) -> None:
    new = copy.deepcopy(OURS["openai"])
    change(new)
    assert new != OURS["openai"]
    assert compare(tmp_path, "openai", new) == ""


def test_changes_that_break_clients_are_listed_first(tmp_path: Path) -> None:
    new = copy.deepcopy(OURS["ollama"])
    new["components"]["schemas"]["ChatRequest"]["required"] = ["model", "stream"]
    found = compare(tmp_path, "ollama", new)
    assert found.splitlines()[0].startswith("1 changes: 1 error")
    assert "the request property `stream` became required" in found.split("###")[0]

    new = copy.deepcopy(OURS["ollama"])
    new["components"]["schemas"]["ChatRequest"]["properties"]["planted"] = {"type": "string"}
    found = compare(tmp_path, "ollama", new)
    assert "No breaking changes" in found.split("###")[0]
    assert "New property: planted" in found


def test_control_characters_of_upstream_are_not_printed(tmp_path: Path) -> None:
    new = copy.deepcopy(OURS["ollama"])
    new["paths"]["/api/chat"]["post"]["parameters"] = [
        {"in": "query", "name": "\x1b[2Jplanted", "schema": {"type": "string"}}
    ]
    found = compare(tmp_path, "ollama", new)
    assert "planted" in found
    assert "\x1b" not in found


@pytest.mark.parametrize(
    "text",
    ["a: [", "just text", "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: 7"],
)
def test_a_file_that_is_not_openapi_is_rejected(text: str, tmp_path: Path) -> None:
    (tmp_path / "new").write_text(text, "utf-8")
    with pytest.raises(Unreadable, match="oasdiff diff: "):
        drift(str(SPECS / "ollama.yaml"), str(tmp_path / "new"), "")


def test_a_reference_to_another_file_is_not_followed(tmp_path: Path) -> None:
    new = copy.deepcopy(OURS["ollama"])
    new["components"]["schemas"]["ChatRequest"] = {"$ref": f"{SPECS}/openai.yaml#/info"}
    with pytest.raises(Unreadable, match="external"):
        compare(tmp_path, "ollama", new)


def test_the_command_exits_with_1_if_there_are_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = str(SPECS / "ollama.yaml")
    (tmp_path / "new.yaml").write_text(
        Path(old).read_text("utf-8").replace("/api/me:", "/api/you:"), "utf-8"
    )
    assert main(["ollama", "--old", old, "--new", old]) == 0
    assert main(["ollama", "--old", old, "--new", str(tmp_path / "new.yaml")]) == 1
    assert "POST /api/you" in capsys.readouterr().out
    assert main(["ollama", "--old", old, "--new", str(tmp_path / "missing.yaml")]) == 2
    assert "cannot read" in capsys.readouterr().err
