"""Model names: what is one, how it is shown, and which of the backend's models it means."""

import json
import re
from collections.abc import Iterable

from ...errors import BadRequest

_PART = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,79}"
_NAMESPACE = r"[A-Za-z0-9_][A-Za-z0-9_\-]{0,79}"
_HOST = r"[A-Za-z0-9_][A-Za-z0-9_.:\-]{0,349}"
# types/model/name.go: [host/][namespace/]model[:tag]
_NAME = re.compile(rf"(?:(?:{_HOST}/)?{_NAMESPACE}/)?{_PART}(?::{_PART})?", re.ASCII)
_DEFAULT_TAG = ":latest"
_LOCAL = ":local"


def is_valid(name: str) -> bool:
    """Whether Ollama would take `name` for a model name; a scheme in front is allowed."""
    return _NAME.fullmatch(name.strip().partition("://")[2] or name.strip()) is not None


def display(name: str) -> str:
    """`name` as Ollama lists it: always with a tag, `latest` where there is none."""
    return name if ":" in name.rpartition("/")[2] else name + _DEFAULT_TAG


def without_default_tag(name: str) -> str:
    """`name` as a backend knows it, where it does not list its models."""
    return name.removesuffix(_DEFAULT_TAG)


def without_source(name: str) -> str:
    """`name` without the `:local` that says that it is one of ours.

    Raises BadRequest where it says that it is ollama.com's as well.
    """
    rest, source = _source(name.strip())
    if source and _source(rest)[1] not in ("", source):
        raise BadRequest(f"use either :local or :cloud, not both: {json.dumps(name)}")
    return rest if source == "local" else name.strip()


def _source(name: str) -> tuple[str, str]:
    """What stands in front of the source that `name` ends in, and that source, if any
    (internal/modelref/modelref.go)."""
    rest, _, last = name.rpartition(":")
    tag = last.lower()
    if not rest or "/" in tag:
        return name, ""
    if tag in ("local", "cloud"):
        return rest, tag
    return (name[: -len("-cloud")], "cloud") if tag.endswith("-cloud") else (name, "")


class Index:
    """The backend's model ids, found by any name that an Ollama client may use for them.

    In order: the id itself; the id without or with `:latest`; the same in any case (Ollama's own
    lookup ignores case; the backend's spelling wins); and all that without `:local`.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = tuple(ids)
        self._exact = frozenset(self.ids)
        self._folded: dict[str, str] = {}
        for id_ in self.ids:
            self._folded.setdefault(display(id_).lower(), id_)

    def find(self, name: str) -> str | None:
        """The id that `name` means, if the backend has it."""
        if name in self._exact:
            return name
        name = name.strip()
        plain = without_default_tag(name)
        if plain in self._exact:
            return plain
        found = self._folded.get(display(name).lower())
        if found is None and name.lower().endswith(_LOCAL):
            return self.find(name[: -len(_LOCAL)])
        return found
