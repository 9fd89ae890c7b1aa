import json
from pathlib import Path
from typing import Any

import pytest

from scripts.specdiff.__main__ import main
from scripts.specdiff.differences import Difference
from scripts.specdiff.document import Unreadable
from scripts.specdiff.purposes import Stale
from scripts.specdiff.report import Report, as_json, as_markdown, as_text, report

OURS = """
openapi: 3.0.3
info: {title: Ours, version: "1"}
paths:
  /api/chat:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Chat"}}}}
      responses: {"200": {description: Said.}}
components:
  schemas:
    Chat: {type: object, properties: {model: {type: string}, mood: {type: string, enum: [calm, loud]}}}
"""
UPSTREAM = OURS.replace("Ours", "Theirs")


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    (tmp_path / "ollama.yaml").write_text(OURS, "utf-8")
    (tmp_path / "upstream.yaml").write_text(
        "ollama:\n- reason: Moods come and go.\n  at: [Chat.mood]\n  what: [enum narrowed]\n",
        "utf-8",
    )
    return tmp_path


def compared(specs: Path, text: str, **options: Any) -> Report:
    (specs / "new.yaml").write_text(text, "utf-8")
    return report(str(specs / "new.yaml"), specs, **options)


def test_what_is_meant_is_left_out(specs: Path) -> None:
    result = compared(specs, UPSTREAM.replace("calm, loud", "calm"))
    assert result.is_empty
    assert result.on_purpose == 1


def test_what_is_meant_can_be_asked_for_and_comes_with_its_reason(specs: Path) -> None:
    result = compared(specs, UPSTREAM.replace("calm, loud", "calm"), also_meant=True)
    assert result.is_empty
    told = [
        "on purpose: Moods come and go.",
        '      POST /api/chat request.mood: enum narrowed: - "loud"',
    ]
    assert as_text(result).splitlines()[:2] == told
    assert '`POST /api/chat request.mood`: `enum narrowed: - "loud"`: Moods come' in as_markdown(
        result
    )


def test_a_row_about_nothing_is_something_to_look_at(specs: Path) -> None:
    result = compared(specs, UPSTREAM)
    assert not result.is_empty
    assert {one.entry for one in result.stale} == {"Chat.mood", "enum narrowed"}


def test_the_list_is_not_asked_about_another_revision_of_our_own(specs: Path) -> None:
    assert compared(specs, OURS).is_empty
    assert [
        one.what for one in compared(specs, OURS.replace("calm, loud", "calm")).differences
    ] == ["enum narrowed"]


def test_new_operations_of_ollama_are_told_of_unasked(specs: Path) -> None:
    text = UPSTREAM.replace("paths:", "paths:\n  /api/sing: {post: {responses: {}}}").replace(
        "calm, loud", "calm"
    )
    assert [one.operation for one in compared(specs, text).differences] == ["POST /api/sing"]


@pytest.mark.parametrize(
    ("sound", "unsound"),
    [
        ("properties: {model: {type: string}", "properties: {model: 7"),
        ("enum: [calm, loud]", "enum: 7"),
        ('schema: {$ref: "#/components/schemas/Chat"}', "schema: [1]"),
        ('responses: {"200": {description: Said.}}', 'responses: ["200"]'),
        ("type: object", "type: object, allOf: 7"),
    ],
)
def test_what_is_not_shaped_as_openapi_cannot_be_read(
    specs: Path, sound: str, unsound: str
) -> None:
    assert sound in UPSTREAM
    with pytest.raises(Unreadable):
        compared(specs, UPSTREAM.replace(sound, unsound))


RESULT = Report(
    "ollama",
    "new.yaml",
    [
        Difference(
            "GET /a",
            "GET /a response 200.x",
            "A.x",
            "response",
            "enum widened",
            ["1"],
            ["1", "2"],
            True,
        ),
        Difference(
            "GET /a",
            "GET /a response 200.y",
            "A.y",
            "response",
            "type changed",
            ["string"],
            ["integer", "null"],
            True,
        ),
        Difference(
            "GET /a", "GET /a parameter query q", "", "call", "parameter added", None, "optional"
        ),
        Difference("GET /b", "GET /b", "", "call", "operation added"),
    ],
    [Stale("B.z", "It was so.")],
    5,
)


def test_the_text_is_grouped_by_operation_and_schema() -> None:
    assert as_text(RESULT).splitlines() == [
        "GET /a",
        "  A",
        '  !   response 200.x: enum widened: + "2"',
        "  !   response 200.y: type changed: string → integer or null",
        "  (no schema)",
        '      parameter query q: parameter added: "optional"',
        "GET /b",
        "  (no schema)",
        "      itself: operation added",
        "specs/upstream.yaml speaks of what is not there",
        "      B.z (It was so.)",
        "new.yaml against specs/ollama.yaml: 4 differences, 2 of them breaking; 5 on purpose, 1 rows about nothing",
    ]


def test_the_issue_says_the_same_in_markdown() -> None:
    text = as_markdown(RESULT)
    assert "### `GET /a`" in text
    assert '- **breaking** `response 200.x` (`A.x`): `enum widened: + "2"`' in text
    assert "- `itself`: `operation added`" in text
    assert "- `B.z`: It was so." in text


def test_programs_get_all_fields() -> None:
    told = json.loads(as_json(RESULT))
    assert told["differences"][0] == {
        "operation": "GET /a",
        "pointer": "GET /a response 200.x",
        "schema": "A.x",
        "side": "response",
        "what": "enum widened",
        "ours": ["1"],
        "theirs": ["1", "2"],
        "breaking": True,
    }
    assert told["stale"] == [{"entry": "B.z", "reason": "It was so."}]


def test_a_foreign_name_neither_steers_a_terminal_nor_ends_the_code_in_an_issue() -> None:
    evil = Difference("GET /`@all\x1b[2J", "GET /`@all\x1b[2J", "", "call", "operation added")
    result = Report("openai", "x", [evil], [], 0)
    assert "\x1b" not in as_text(result) + as_markdown(result)
    assert "### `GET /'@all�[2J`" in as_markdown(result)


def test_an_issue_is_never_longer_than_github_takes() -> None:
    result = Report("openai", "x", RESULT.differences * 2000, [], 0)
    assert len(as_markdown(result)) < 65_536
    assert as_markdown(result).endswith("run `scripts/spec-diff`.")


def test_what_cannot_be_read_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "nothing.yaml")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_which_of_ours_can_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "new.yaml").write_text("openapi: 3.1.0\npaths: {/models: {}}", "utf-8")
    assert main([str(tmp_path / "new.yaml"), "--against", "openai", "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {one["what"] for one in told["differences"]} == {"operation removed"}
