"""scripts/docs: the reference tables and the links of the documentation."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from . import commands, tables
from .links import broken_links, markdown_files

ROOT = Path(__file__).parents[2]

TABLES: Mapping[str, Callable[[], str]] = {
    "settings": tables.settings,
    "operations": tables.operations,
    "options": tables.options,
    "metrics": tables.metrics,
    "scripts": lambda: commands.purposes(ROOT / "scripts"),
    "exit-codes": lambda: commands.exit_codes(ROOT / "scripts"),
}
"""The generated table of each page in docs/reference/."""


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/docs",
        description="Generates the tables in docs/reference/ and checks links in Markdown files.",
        epilog="Exits 1 if a table is out of date (--check) or a link is broken, else 0.",
    )
    parser.add_argument("--check", action="store_true", help="compare tables, write nothing")
    options = parser.parse_args(given)
    problems = list(_stale() if options.check else _written())
    for path in markdown_files(ROOT):
        name = path.relative_to(ROOT)
        problems += [f"{name}: broken link: {target}" for target in broken_links(path, ROOT)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _pages() -> dict[Path, str]:
    """The wanted text of each page with a generated table."""
    pages = {}
    for name, table in TABLES.items():
        path = ROOT / "docs" / "reference" / f"{name}.md"
        pages[path] = tables.with_table(path.read_text("utf-8"), table())
    return pages


def _stale() -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: the table is out of date; run scripts/docs"
        for path, text in _pages().items()
        if path.read_text("utf-8") != text
    ]


def _written() -> list[str]:
    for path, text in _pages().items():
        path.write_text(text, "utf-8")
    return []


if __name__ == "__main__":
    sys.exit(main())
