"""Issues about upstream changes, with a fake gh."""

import json
import os
import sys
from pathlib import Path

import pytest

from scripts.specdiff.issue import main
from scripts.specdiff.upstream import SPECS

APIS = ("ollama", "openai")

# A fake of GitHub's gh command. It stores the issues in a file.
GH = f"""#!{sys.executable}
import json, pathlib, sys
store = pathlib.Path(__file__).parent / "issues.json"
issues = json.loads(store.read_text())
verb, *rest = sys.argv[2:]
option = lambda name: rest[rest.index(name) + 1]
if verb == "list":
    print(json.dumps([issue for issue in issues if issue["open"]]))
elif verb == "create":
    new = dict(number=len(issues) + 1, title=option("--title"), body=sys.stdin.read(), open=True)
    issues.append(new)
elif verb == "edit":
    issues[int(rest[0]) - 1]["body"] = sys.stdin.read()
elif verb == "close":
    issues[int(rest[0]) - 1]["open"] = False
else:
    sys.exit("unknown command")
store.write_text(json.dumps(issues))
"""


pytestmark = pytest.mark.usefixtures("oasdiff")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    gh = tmp_path / "gh"
    gh.write_text(GH, "utf-8")
    gh.chmod(0o755)
    (tmp_path / "issues.json").write_text("[]", "utf-8")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for api in APIS:
        offer(tmp_path, api)
    return tmp_path


def offer(folder: Path, api: str, old: str = "", new: str = "") -> None:
    text = (SPECS / f"{api}.yaml").read_text("utf-8")
    assert old in text
    (folder / f"{api}.yaml").write_text(text.replace(old, new, 1) if old else text, "utf-8")


def report(folder: Path) -> int:
    return main(
        [
            part
            for api in APIS
            for part in (f"--{api}", str(SPECS / f"{api}.yaml"), str(folder / f"{api}.yaml"))
        ]
    )


def issues(folder: Path) -> list[tuple[str, bool]]:
    stored = json.loads((folder / "issues.json").read_text("utf-8"))
    return [(issue["title"], issue["open"]) for issue in stored]


def body(folder: Path) -> str:
    text: str = json.loads((folder / "issues.json").read_text("utf-8"))[0]["body"]
    return text


def test_no_issue_is_opened_without_changes(folder: Path) -> None:
    assert report(folder) == 0
    assert issues(folder) == []


def test_a_change_opens_one_issue_which_is_updated_and_closed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offer(folder, "ollama", "/api/status:", "/api/state:")
    assert report(folder) == 0
    assert issues(folder) == [("Upstream changed: ollama", True)]
    assert "GET /api/state" in body(folder)

    assert report(folder) == 0
    assert "#1 is up to date" in capsys.readouterr().out

    offer(folder, "ollama", "/api/me:", "/api/you:")
    assert report(folder) == 0
    assert "POST /api/you" in body(folder)
    assert "GET /api/state" not in body(folder)

    offer(folder, "ollama")
    assert report(folder) == 0
    assert issues(folder) == [("Upstream changed: ollama", False)]


def test_a_missing_file_does_not_hide_the_changes_of_the_other(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "ollama.yaml").unlink()
    offer(folder, "openai", "  /embeddings:", "  /models/new:")
    assert report(folder) == 2
    assert issues(folder) == [("Upstream changed: openai", True)]
    assert "No such file" in capsys.readouterr().err


def test_a_failure_of_gh_is_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "issues.json").write_text("not JSON", "utf-8")
    assert report(folder) == 2
    assert "gh failed" in capsys.readouterr().err


def test_missing_gh_is_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(folder / "nothing"))
    assert report(folder) == 2
    assert "gh is not installed" in capsys.readouterr().err


def test_upstream_text_is_truncated_and_cannot_end_the_code_block(folder: Path) -> None:
    names = "\n".join(
        f"  /x{'y' * 90}{number}: {{get: {{responses: {{}}}}}}" for number in range(900)
    )
    offer(
        folder, "ollama", "paths:", f"paths:\n  '/```@all': {{get: {{responses: {{}}}}}}\n{names}"
    )
    assert report(folder) == 0
    text = body(folder)
    assert len(text) < 65_536
    assert text.endswith("Truncated: run `scripts/spec-diff`.")
    assert "    GET /```@all" in text
    assert all(line.startswith("    ") for line in text.splitlines()[2:-2])
