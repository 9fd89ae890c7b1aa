"""Making keys and writing them down, as people do it in a shell."""

import re
import subprocess
import sys

import pytest

from ollama_openai_proxy.access.keys import parse_lines
from tests.fakes.limits import HANG

COMMAND = [sys.executable, "-m", "ollama_openai_proxy"]


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )


def test_a_new_key_is_one_line_and_never_the_same() -> None:
    made = {run("new-key").stdout for _ in range(2)}
    assert len(made) == 2
    assert all(re.fullmatch(r"oop-[A-Za-z0-9_-]{43}\n", key) for key in made)


@pytest.mark.parametrize("name", ["", "laptop"])
def test_a_hashed_key_is_a_line_that_knows_it_again(name: str) -> None:
    done = run("hash-key", *(["--name", name] if name else []), given="my:key\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "my:key" not in done.stdout
    assert parse_lines(done.stdout).name_of("my:key") == (name or "line-1")


@pytest.mark.parametrize(
    ("given", "arguments"), [("", []), ("two words", []), ("a\nb", []), ("k", ["--name", "a b"])]
)
def test_what_cannot_be_a_key_is_one_line_and_ends_with_2(given: str, arguments: list[str]) -> None:
    done = run("hash-key", *arguments, given=given)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("ollama-openai-proxy: a ")
    assert "two words" not in line


def test_help_tells_of_both() -> None:
    shown = run("--help").stdout
    assert "new-key" in shown
    assert "hash-key" in shown
    assert "OLLAMA_OPENAI_PROXY_API_KEYS" in run("hash-key", "--help").stdout
