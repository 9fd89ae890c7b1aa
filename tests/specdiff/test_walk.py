from pathlib import Path

import pytest

from scripts.specdiff.walk import STEPS, main

SPEC = """
openapi: 3.0.3
info: {title: Ours}
paths: {/api/chat: {post: {responses: {"200": {description: Said.}}}}}
"""
COMMIT = "0123456789abcdef0123456789abcdef01234567"
UPSTREAM = SPEC.replace("Ours", "Theirs")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose scripts write down that they ran, and fail where a file of their name lies."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "scripts").mkdir()
    (tmp_path / "specs" / "ollama.yaml").write_text(SPEC, "utf-8")
    (tmp_path / "specs" / "upstream.yaml").write_text("ollama: []\n", "utf-8")
    (tmp_path / "specs" / "README.md").write_text(f"at `{COMMIT[:7]}`", "utf-8")
    for name in ("generate", "check", "test"):
        script = tmp_path / "scripts" / name
        script.write_text(f"#!/bin/sh\necho {name} >> ran\n[ ! -e broken-{name} ]\n", "utf-8")
        script.chmod(0o755)
    (tmp_path / "new.yaml").write_text(UPSTREAM, "utf-8")
    return tmp_path


def update(checkout: Path, *options: str) -> int:
    return main([str(checkout / "new.yaml"), "--revision", COMMIT, *options], checkout)


def ran(checkout: Path) -> list[str]:
    path = checkout / "ran"
    return path.read_text("utf-8").split() if path.exists() else []


def test_without_anything_to_do_it_goes_to_the_end(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert update(checkout) == 0
    assert ran(checkout) == ["generate", "check", "test"]
    steps = [line for line in capsys.readouterr().out.splitlines() if line.startswith("step ")]
    assert steps == [f"step {number} of 6: {name}" for number, name in enumerate(STEPS, 1)]


def test_it_stops_at_edit_until_the_difference_is_taken_over(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = UPSTREAM.replace("paths: {", "paths: {/api/sing: {get: {responses: {}}}, ")
    (checkout / "new.yaml").write_text(newer, "utf-8")
    assert update(checkout) == 1
    out = capsys.readouterr().out
    assert "GET /api/sing" in out
    assert "stopped at edit: " in out
    assert ran(checkout) == []
    (checkout / "specs" / "ollama.yaml").write_text(newer.replace("Theirs", "Ours"), "utf-8")
    assert update(checkout) == 0


def test_it_stops_at_note_until_the_commit_is_written_down(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "specs" / "README.md").write_text("at some commit", "utf-8")
    assert update(checkout) == 1
    assert "stopped at note" in capsys.readouterr().out
    assert ran(checkout) == []


@pytest.mark.parametrize("name", ["generate", "check", "test"])
def test_it_stops_at_a_script_that_fails_and_goes_on_from_there(
    checkout: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / f"broken-{name}").touch()
    assert update(checkout) == 1
    assert f"stopped at {name}: {STEPS[name][1]}" in capsys.readouterr().out
    assert ran(checkout)[-1] == name
    (checkout / f"broken-{name}").unlink()
    assert update(checkout, "--from", name) == 0
    assert ran(checkout)[-1] == "test"


def test_what_cannot_be_read_stops_at_once(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "new.yaml").unlink()
    assert update(checkout) == 2
    assert "stopped at diff" in capsys.readouterr().err


def test_the_readme_of_the_specifications_explains_each_stop() -> None:
    readme = (Path(__file__).parents[2] / "specs" / "README.md").read_text("utf-8")
    assert [name for name in STEPS if f"`{name}`" not in readme] == []
