"""scripts/update-specs: from a new upstream description to tested code, one stop after the other."""

import argparse
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .document import APIS, Unreadable
from .report import Report, as_text, report

_REVISION = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
_SHORT = 7


@dataclass(frozen=True)
class Walk:
    """One upstream description on its way into a checkout."""

    root: Path
    source: str
    api: str = ""
    revision: str = ""

    def report(self) -> Report:
        return report(self.source, self.root / "specs", api=self.api)

    def read(self) -> bool:
        print(self.report().summary)
        return True

    def edit(self) -> bool:
        """Stops as long as something is neither described nor explained."""
        result = self.report()
        if not result.is_empty:
            print(as_text(result))
        return result.is_empty

    def note(self) -> bool:
        """Stops until specs/README.md names the commit, if it is known."""
        found = _REVISION.search(self.source)
        revision = self.revision or (found.group() if found else "")
        readme = (self.root / "specs" / "README.md").read_text("utf-8")
        print(f"upstream's commit: {revision[:_SHORT] or 'not known, see --revision'}")
        return revision[:_SHORT] in readme

    def generate(self) -> bool:
        return self._run("scripts/generate")

    def check(self) -> bool:
        return self._run("scripts/check")

    def test(self) -> bool:
        return self._run("scripts/test")

    def _run(self, script: str) -> bool:
        return subprocess.run([self.root / script], cwd=self.root, check=False).returncode == 0


type Step = tuple[Callable[[Walk], bool], str]

# Nothing is remembered between two calls: a step that is done passes at once.
STEPS: dict[str, Step] = {
    "diff": (Walk.read, "give a description of Ollama's or OpenAI's API"),
    "edit": (
        Walk.edit,
        "take each difference over, or explain it in specs/upstream.yaml; drop rows about nothing",
    ),
    "note": (
        Walk.note,
        "write the commit into the table of specs/README.md, and what differs and why",
    ),
    "generate": (
        Walk.generate,
        "give the schema that it complains about a name in the specification",
    ),
    "check": (Walk.check, "mend what it names: mypy shows the code that the change concerns"),
    "test": (Walk.test, "write tests for what is new, mend the code"),
}


def walk(way: Walk, first: str) -> int:
    """Goes on to the first step that is not done, says what to do there, and ends with 1."""
    names = list(STEPS)
    for number, (name, (step, advice)) in enumerate(STEPS.items(), 1):
        if number <= names.index(first):
            continue
        print(f"step {number} of {len(STEPS)}: {name}", flush=True)
        if not step(way):
            print(f"stopped at {name}: {advice}; then call scripts/update-specs again")
            return 1
    print("done: commit specs/, the code and its tests; generated/ in a commit of its own")
    return 0


def main(given: list[str] | None = None, root: Path = Path(__file__).parents[2]) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/update-specs",
        description="Leads from a new upstream description to tested code; specs/README.md explains each stop.",
    )
    parser.add_argument("new", help="path or URL of the new description; best one with its commit")
    parser.add_argument(
        "--revision", default="", help="upstream's commit, if the URL does not hold it"
    )
    parser.add_argument(
        "--against", choices=APIS, default="", help="which of ours, if its paths do not tell"
    )
    parser.add_argument(
        "--from", dest="first", choices=STEPS, default="diff", help="leave out the steps before"
    )
    options = parser.parse_args(given)
    try:
        return walk(Walk(root, options.new, options.against, options.revision), options.first)
    except Unreadable as wrong:
        print(f"{wrong}\nstopped at diff: {STEPS['diff'][1]}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
