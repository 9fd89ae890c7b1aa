"""Compares two revisions of an OpenAPI file, using oasdiff."""

import json
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from .upstream import Unreadable, fetch

OASDIFF = Path(__file__).parents[2] / "build" / "oasdiff" / "oasdiff"
_OPENAPI = re.compile(rb"""\bopenapi["']?:\s*["']?(3\.\d)""")
# No client depends on these, and upstream edits them often.
_PROSE = ("description", "examples", "summary", "tags", "title", "extensions")


def drift(old: str, new: str, paths: str) -> str:
    """Compare two files or URLs. `paths` is a regular expression for the paths to compare.

    Return a report: first the changes that break clients of the old revision, one per line, then
    all changes by operation. The report is empty if there are no changes. Raises Unreadable if a
    file cannot be read or is not OpenAPI 3.
    """
    with TemporaryDirectory() as folder:
        copies = Path(folder, "old"), Path(folder, "new")
        for copy, source in zip(copies, (old, new), strict=True):
            copy.write_bytes(fetch(source))
        files = [*map(str, copies), "--match-path", paths]
        # The upgrade turns `example` into `examples`, which oasdiff 1.37 does not exclude.
        if len({_version(copy) for copy in copies}) > 1:
            files.append("--auto-upgrade")
        prose = ["--exclude-elements", ",".join(_PROSE)]
        # `changelog` covers fewer types of changes than `diff`. For example, it ignores whether
        # unknown properties are allowed. `diff` also lists schemas of other operations, in a
        # section that the text format does not have.
        difference = json.loads(_oasdiff("diff", *files, *prose, "--format", "json") or "{}")
        if not difference.get("paths"):
            return ""
        breaking = _oasdiff("breaking", *files, "--color", "never", "--format", "singleline")
        changes = _oasdiff("diff", *files, *prose, "--format", "text")
    return _printable(f"{breaking}\n{changes}".replace(folder, ""))


def _version(file: Path) -> bytes:
    """The OpenAPI version, such as 3.0, or an empty string if it is not found."""
    match = _OPENAPI.search(file.read_bytes())
    return match[1] if match else b""


def _oasdiff(command: str, *arguments: str) -> str:
    # A reference in a downloaded file must not make oasdiff read another file or URL.
    try:
        done = subprocess.run(
            [OASDIFF, command, *arguments, "--allow-external-refs=false"],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    except FileNotFoundError as missing:
        raise Unreadable("oasdiff is not installed: run scripts/install-oasdiff") from missing
    if done.returncode:
        raise Unreadable(_printable(f"oasdiff {command}: {done.stderr.strip()}"))
    return done.stdout


def _printable(text: str) -> str:
    """Replace control characters: names come from upstream and are printed to a terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text).strip()
