"""What differs from upstream on purpose: specs/upstream.yaml."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .differences import Difference


@dataclass
class Purpose:
    """One row: which differences are meant, and why."""

    reason: str
    at: list[str]  # pointers, from an operation or from a schema; * stands for anything
    what: list[str]
    theirs: Any = None  # if given, upstream must say exactly this
    found: set[str] = field(default_factory=set)

    def covers(self, difference: Difference) -> bool:
        """Whether the row speaks of a difference; remembers by which of its patterns."""
        at = {pattern for pattern in self.at if _matches(pattern, difference)}
        said = self.theirs is None or self.theirs == difference.theirs
        if not at or difference.what not in self.what or not said:
            return False
        self.found |= at | {difference.what}
        return True

    @property
    def stale(self) -> list[str]:
        """The patterns and kinds that no difference needed."""
        return [entry for entry in (*self.at, *self.what) if entry not in self.found]


@dataclass(frozen=True)
class Stale:
    """Part of a row that matches nothing any more."""

    entry: str
    reason: str


@dataclass(frozen=True)
class Meant:
    """A difference that is on purpose, and why."""

    difference: Difference
    reason: str


def purposes_of(api: str, path: Path) -> list[Purpose]:
    rows: dict[str, list[dict[str, Any]]] = yaml.safe_load(path.read_text("utf-8"))
    return [Purpose(**row) for row in rows.get(api, [])]


def sift(
    differences: Iterable[Difference], purposes: list[Purpose]
) -> tuple[list[Difference], list[Meant], list[Stale]]:
    """The differences that nobody meant, those that somebody did, and what the list says in vain."""
    left, meant = [], []
    for one in differences:
        covering = [row for row in purposes if row.covers(one)]  # all, for each remembers its use
        if covering:
            meant.append(Meant(one, covering[0].reason))
        else:
            left.append(one)
    return left, meant, [Stale(entry, row.reason) for row in purposes for entry in row.stale]


def _matches(pattern: str, difference: Difference) -> bool:
    expression = re.compile(".*".join(map(re.escape, pattern.split("*"))))
    return any(map(expression.fullmatch, (difference.pointer, difference.schema)))
