"""scripts/report-upstream: one open issue for each upstream description that says something new."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from .document import Unreadable
from .report import as_markdown, report

SPECS = Path(__file__).parents[2] / "specs"
UPSTREAM = {
    "ollama": "https://raw.githubusercontent.com/ollama/ollama/HEAD/docs/openapi.yaml",
    "openai": "https://raw.githubusercontent.com/openai/openai-openapi/HEAD/openapi.yaml",
}
_AGREES = "Upstream and specs/ agree again."


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/report-upstream",
        description="Opens, updates or closes one issue for each API; needs gh and its token.",
    )
    for api, address in UPSTREAM.items():
        parser.add_argument(f"--{api}", default=address, help="path or URL, default %(default)s")
    sources = vars(parser.parse_args(given))
    # One of them being out of reach must not hide what the other says.
    return max([_told(api, source) for api, source in sources.items()])


def _told(api: str, source: str) -> int:
    try:
        result = report(source, SPECS, api=api)
        action = _tell(f"Upstream changed: {api}", "" if result.is_empty else as_markdown(result))
    except Unreadable as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as failed:
        print(f"gh failed: {failed.stderr}", file=sys.stderr)
        return 2
    print(f"{api}: {result.summary}; {action}")
    return 0


def _tell(title: str, body: str) -> str:
    """Brings the issue of this title to the given text; without a text there shall be none."""
    number, text = _open_issue(title)
    if not number:
        if body:
            _gh("issue", "create", "--title", title, "--body-file", "-", text=body)
        return "opened an issue" if body else "no issue needed"
    if not body:
        _gh("issue", "close", number, "--comment", _AGREES)
        return f"closed #{number}"
    if text.strip() == body.strip():
        return f"#{number} says so already"
    _gh("issue", "edit", number, "--body-file", "-", text=body)
    return f"updated #{number}"


def _open_issue(title: str) -> tuple[str, str]:
    """Number and text of the open issue of this title, both empty if there is none."""
    fields = "number,title,body"
    listed = _gh("issue", "list", "--state", "open", "--limit", "1000", "--json", fields)
    for issue in json.loads(listed):
        if issue["title"] == title:
            return str(issue["number"]), issue["body"].replace("\r\n", "\n")
    return "", ""


def _gh(*command: str, text: str = "") -> str:
    try:
        done = subprocess.run(
            ["gh", *command],
            input=text,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
    except FileNotFoundError as missing:
        raise Unreadable("gh is not installed") from missing
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
