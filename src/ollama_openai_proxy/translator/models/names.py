"""Model names: validation, display, and lookup in the backend's model list."""

import json
import re
from collections.abc import Iterable

from ...errors import BadRequest

_PART = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,79}"
_NAMESPACE = r"[A-Za-z0-9_][A-Za-z0-9_\-]{0,79}"
_HOST = r"[A-Za-z0-9_][A-Za-z0-9_.:\-]{0,349}"
# [host/][namespace/]model[:tag], as in Ollama (types/model/name.go)
_NAME = re.compile(rf"(?:(?:{_HOST}/)?{_NAMESPACE}/)?{_PART}(?::{_PART})?", re.ASCII)
_DEFAULT_TAG = ":latest"
_LOCAL = ":local"


def is_valid(name: str) -> bool:
    """Whether Ollama accepts `name` as a model name. A URL scheme before it is allowed."""
    return _NAME.fullmatch(name.strip().partition("://")[2] or name.strip()) is not None


def display(name: str) -> str:
    """`name` as Ollama lists it: `:latest` is appended if there is no tag."""
    return name if ":" in name.rpartition("/")[2] else name + _DEFAULT_TAG


def without_default_tag(name: str) -> str:
    """`name` without `:latest`: the ID to send to a backend that does not list its models."""
    return name.removesuffix(_DEFAULT_TAG)


def without_source(name: str) -> str:
    """`name` without the suffix `:local`, which marks a model as not served by ollama.com.

    Raises BadRequest if the name has both `:local` and `:cloud`.
    """
    rest, source = _source(name.strip())
    if source and _source(rest)[1] not in ("", source):
        raise BadRequest(f"use either :local or :cloud, not both: {json.dumps(name)}")
    return rest if source == "local" else name.strip()


def _source(name: str) -> tuple[str, str]:
    """Split `name` into the name and its source, "local", "cloud" or "" for none.

    The source is the suffix `:local`, `:cloud` or `-cloud` (internal/modelref/modelref.go).
    """
    rest, _, last = name.rpartition(":")
    tag = last.lower()
    if not rest or "/" in tag:
        return name, ""
    if tag in ("local", "cloud"):
        return rest, tag
    return (name[: -len("-cloud")], "cloud") if tag.endswith("-cloud") else (name, "")


class Index:
    """Lookup of the backend's model IDs by any name that an Ollama client may use.

    A name matches, in this order: the exact ID; the ID with or without `:latest`; the same
    case-insensitively, as in Ollama; and all of these without `:local`. The result always has the
    backend's spelling.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = tuple(ids)
        self._exact = frozenset(self.ids)
        self._folded: dict[str, str] = {}
        for id_ in self.ids:
            self._folded.setdefault(display(id_).lower(), id_)

    def find(self, name: str) -> str | None:
        """The ID for `name`, or None if the backend has no such model."""
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
