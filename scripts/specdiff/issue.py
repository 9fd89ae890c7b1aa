"""scripts/report-upstream: maintains an issue for each upstream file that changed."""

import argparse
import json
import subprocess
import sys
import textwrap

from .drift import drift
from .upstream import Unreadable, Upstream, read_upstream

_LONGEST = 60_000  # characters; GitHub accepts 65,536
_CLOSING = "Upstream no longer differs from the commit in specs/upstream.yaml."
_ADVICE = "[specs/README.md](../blob/HEAD/specs/README.md) describes the next steps."


def main(given: list[str] | None = None) -> int:
    upstream = read_upstream()
    parser = argparse.ArgumentParser(
        prog="scripts/report-upstream",
        description="Opens, updates or closes one issue for each API. Needs gh and its token.",
    )
    for api in upstream:
        parser.add_argument(
            f"--{api}",
            nargs=2,
            metavar=("OLD", "NEW"),
            help="commits, paths or URLs to compare, as in scripts/spec-diff",
        )
    given_sources = vars(parser.parse_args(given))
    # If one file cannot be read, the other is still reported.
    return max(
        _report(api, row, *(given_sources[api] or (row.commit, "HEAD")))
        for api, row in upstream.items()
    )


def _report(api: str, upstream: Upstream, old: str, new: str) -> int:
    try:
        changes = drift(upstream.source(old), upstream.source(new), upstream.paths)
        action = _update(f"Upstream changed: {api}", _body(upstream, old, new, changes))
    except Unreadable as failed:
        print(f"{api}: {failed}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as failed:
        print(f"{api}: gh failed: {failed.stderr}", file=sys.stderr)
        return 2
    print(f"{api}: {action}")
    return 0


def _body(upstream: Upstream, old: str, new: str, changes: str) -> str:
    if not changes:
        return ""
    head = f"`{upstream.file}` of {upstream.repository}, {old} to {new}. {_ADVICE}\n\n"
    # In an indented block, text from upstream cannot end the block, mention people or add links.
    text = textwrap.indent(changes, "    ", lambda _: True)
    if len(text) > _LONGEST:
        text = text[:_LONGEST].rsplit("\n", 1)[0] + "\n\nTruncated: run `scripts/spec-diff`."
    return head + text


def _update(title: str, body: str) -> str:
    """Set the body of the issue with this title, or close the issue if the body is empty.

    Return a description of the action for the log.
    """
    number, text = _open_issue(title)
    if not number:
        if body:
            _gh("issue", "create", "--title", title, "--body-file", "-", text=body)
        return "opened an issue" if body else "no issue needed"
    if not body:
        _gh("issue", "close", number, "--comment", _CLOSING)
        return f"closed #{number}"
    if text.strip() == body.strip():
        return f"#{number} is up to date"
    _gh("issue", "edit", number, "--body-file", "-", text=body)
    return f"updated #{number}"


def _open_issue(title: str) -> tuple[str, str]:
    """Number and body of the open issue with this title, both empty if there is no such issue."""
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
