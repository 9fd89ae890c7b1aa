"""scripts/update-specs in a checkout whose other scripts only record that they ran."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.specdiff.upstream import SPECS, read_upstream

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("specs", "scripts", "build"):
        (tmp_path / folder).mkdir()
    shutil.copy(SPECS / "upstream.yaml", tmp_path / "specs")
    shutil.copy(SPECS.parent / "scripts" / "update-specs", tmp_path / "scripts")
    for name, code in {"spec-diff": 1, "generate": 0, "check": 0, "test": 0}.items():
        script = tmp_path / "scripts" / name
        script.write_text(f"#!/bin/sh\necho {name} $* >> ran\nexit {code}\n", "utf-8")
        script.chmod(0o755)
    return tmp_path


def update(checkout: Path, *arguments: str) -> tuple[int, list[str]]:
    script = checkout / "scripts" / "update-specs"
    done = subprocess.run([script, *arguments], env=os.environ, check=False)
    ran = checkout / "ran"
    return done.returncode, ran.read_text("utf-8").splitlines() if ran.exists() else []


def test_the_commit_is_recorded_for_the_given_api_only(checkout: Path) -> None:
    steps = [f"spec-diff openai --new {COMMIT}", "generate ", "check ", "test "]
    code, ran = update(checkout, "openai", COMMIT)
    assert (code, [f"{line} " if " " not in line else line for line in ran]) == (0, steps)
    before, after = read_upstream(), read_upstream(checkout / "specs" / "upstream.yaml")
    assert after["openai"].commit == COMMIT
    assert after["ollama"] == before["ollama"]


def test_nothing_is_recorded_if_the_commit_cannot_be_read(checkout: Path) -> None:
    (checkout / "scripts" / "spec-diff").write_text("#!/bin/sh\nexit 2\n", "utf-8")
    assert update(checkout, "openai", COMMIT)[0] == 1
    assert read_upstream(checkout / "specs" / "upstream.yaml") == read_upstream()


@pytest.mark.parametrize("arguments", [(), ("openai",), ("openai", "main"), ("other", COMMIT)])
def test_other_arguments_are_rejected(checkout: Path, arguments: tuple[str, ...]) -> None:
    assert update(checkout, *arguments) == (2, [])
