"""The `new-key` and `hash-key` commands, run in a process."""

import re
import subprocess
import sys

import pytest

from ollama_openai_proxy.access.keys import parse_lines
from tests.fakes.limits import HANG

COMMAND = [sys.executable, "-m", "ollama_openai_proxy"]


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )


def test_new_key_prints_a_different_key_each_time() -> None:
    keys = {run("new-key").stdout for _ in range(2)}
    assert len(keys) == 2
    assert all(re.fullmatch(r"oop-[A-Za-z0-9_-]{43}\n", key) for key in keys)


@pytest.mark.parametrize("name", ["", "laptop"])
def test_hash_key_prints_an_entry_that_matches_the_key(name: str) -> None:
    done = run("hash-key", *(["--name", name] if name else []), stdin="my:key\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "my:key" not in done.stdout
    assert parse_lines(done.stdout).name_of("my:key") == (name or "line-1")


@pytest.mark.parametrize(
    ("stdin", "arguments"), [("", []), ("two words", []), ("a\nb", []), ("k", ["--name", "a b"])]
)
def test_an_invalid_key_or_name_prints_one_line_and_exits_with_2(
    stdin: str, arguments: list[str]
) -> None:
    done = run("hash-key", *arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("ollama-openai-proxy: a ")
    assert "two words" not in line


def test_help_lists_both_commands() -> None:
    output = run("--help").stdout
    assert "new-key" in output
    assert "hash-key" in output
    assert "OLLAMA_OPENAI_PROXY_API_KEYS" in run("hash-key", "--help").stdout
