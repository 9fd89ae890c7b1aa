"""Count the work per request and compare it with tests/hot_path/budget.toml."""

import argparse
import sys
from pathlib import Path

from . import budget
from .measures import measured

_PATH = Path(__file__).with_name("budget.toml")
_PYTHON = (Path(__file__).parents[2] / ".python-version").read_text("utf-8").strip()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hot-path", description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the counts to the budget")
    parser.add_argument("--table", action="store_true", help="print all counts")
    return parser.parse_args()


def running_python() -> str:
    """The running Python version as in .python-version: `3.12`."""
    return ".".join(map(str, sys.version_info[:2]))


def main() -> int:
    """Run the command; return 0 if every count is within its budget."""
    options = _arguments()
    running = running_python()
    if running != _PYTHON:
        # Counts depend on the compiler and the standard library, which change with each version.
        print(f"hot-path: skipped: the budget is for Python {_PYTHON}, this is {running}")
        return 0
    committed = budget.parse(_PATH.read_text("utf-8"))
    counts = measured()
    findings = budget.compare(committed, counts)
    if options.table:
        print(budget.table(findings))
    if options.update:
        text = budget.render(committed._replace(counts=counts), _PYTHON)
        _PATH.write_text(text, "utf-8", newline="\n")
        findings = budget.compare(budget.parse(text), counts)
    if any(finding.verdict != "kept" for finding in findings):
        print(budget.report(findings))
    return 1 if any(finding.fails for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
