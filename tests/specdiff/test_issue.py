import json
import os
import sys
from pathlib import Path

import pytest

from scripts.specdiff.issue import main
from scripts.specdiff.upstream import SPECS

APIS = ("ollama", "openai")

# Stands in for GitHub's command; the issues are in a file.
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
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    gh = tmp_path / "gh"
    gh.write_text(GH, "utf-8")
    gh.chmod(0o755)
    (tmp_path / "issues.json").write_text("[]", "utf-8")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for api in APIS:
        offer(tmp_path, api)
    return tmp_path


def offer(desk: Path, api: str, old: str = "", new: str = "") -> None:
    text = (SPECS / f"{api}.yaml").read_text("utf-8")
    assert old in text
    (desk / f"{api}.yaml").write_text(text.replace(old, new, 1) if old else text, "utf-8")


def report(desk: Path) -> int:
    return main(
        [
            part
            for api in APIS
            for part in (f"--{api}", str(SPECS / f"{api}.yaml"), str(desk / f"{api}.yaml"))
        ]
    )


def issues(desk: Path) -> list[tuple[str, bool]]:
    stored = json.loads((desk / "issues.json").read_text("utf-8"))
    return [(issue["title"], issue["open"]) for issue in stored]


def body(desk: Path) -> str:
    text: str = json.loads((desk / "issues.json").read_text("utf-8"))[0]["body"]
    return text


def test_nothing_new_opens_no_issue(desk: Path) -> None:
    assert report(desk) == 0
    assert issues(desk) == []


def test_something_new_opens_one_issue_which_is_kept_up_to_date_and_closed(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offer(desk, "ollama", "/api/status:", "/api/state:")
    assert report(desk) == 0
    assert issues(desk) == [("Upstream changed: ollama", True)]
    assert "GET /api/state" in body(desk)

    assert report(desk) == 0
    assert "#1 is up to date" in capsys.readouterr().out

    offer(desk, "ollama", "/api/me:", "/api/you:")
    assert report(desk) == 0
    assert "POST /api/you" in body(desk)
    assert "GET /api/state" not in body(desk)

    offer(desk, "ollama")
    assert report(desk) == 0
    assert issues(desk) == [("Upstream changed: ollama", False)]


def test_a_missing_file_does_not_hide_the_changes_of_the_other(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "ollama.yaml").unlink()
    offer(desk, "openai", "  /embeddings:", "  /models/new:")
    assert report(desk) == 2
    assert issues(desk) == [("Upstream changed: openai", True)]
    assert "No such file" in capsys.readouterr().err


def test_a_failure_of_gh_is_reported(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "issues.json").write_text("not JSON", "utf-8")
    assert report(desk) == 2
    assert "gh failed" in capsys.readouterr().err


def test_without_gh_it_says_so(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(desk / "nothing"))
    assert report(desk) == 2
    assert "gh is not installed" in capsys.readouterr().err


def test_text_of_upstream_cannot_end_the_code_block_and_fits_into_an_issue(desk: Path) -> None:
    names = "\n".join(
        f"  /x{'y' * 90}{number}: {{get: {{responses: {{}}}}}}" for number in range(900)
    )
    offer(desk, "ollama", "paths:", f"paths:\n  '/```@all': {{get: {{responses: {{}}}}}}\n{names}")
    assert report(desk) == 0
    text = body(desk)
    assert len(text) < 65_536
    assert text.endswith("Truncated: run `scripts/spec-diff`.")
    assert "    GET /```@all" in text
    assert all(line.startswith("    ") for line in text.splitlines()[2:-2])
