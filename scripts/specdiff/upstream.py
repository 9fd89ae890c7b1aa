"""Upstream's OpenAPI files, at the commit in specs/upstream.yaml or at another revision."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

SPECS = Path(__file__).parents[2] / "specs"
_ADDRESS = "https://raw.githubusercontent.com/{repository}/{commit}/{file}"
_COMMIT = re.compile(r"HEAD|[0-9a-f]{7,40}")
_TIMEOUT = 60.0


class Unreadable(Exception):
    """A file that cannot be downloaded, read or compared. The message names the file."""


@dataclass(frozen=True)
class Upstream:
    """An entry of specs/upstream.yaml."""

    repository: str
    file: str
    commit: str
    paths: str  # regular expression for the paths of the operations to compare

    def source(self, revision: str) -> str:
        """The URL of the file at a commit or HEAD. A path or URL is returned unchanged."""
        if not _COMMIT.fullmatch(revision):
            return revision
        return _ADDRESS.format(repository=self.repository, commit=revision, file=self.file)


def read_upstream(path: Path = SPECS / "upstream.yaml") -> dict[str, Upstream]:
    """The entries by API: ollama and openai."""
    rows: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return {api: Upstream(**row) for api, row in rows.items()}


def fetch(source: str) -> bytes:
    """The content of a file or URL. Raises Unreadable if it cannot be read."""
    try:
        if not source.startswith(("http://", "https://")):
            return Path(source).read_bytes()
        response = httpx.get(source, follow_redirects=True, timeout=_TIMEOUT)
        response.raise_for_status()
    except (OSError, httpx.HTTPError) as failed:
        raise Unreadable(f"cannot read {source}: {failed}") from failed
    return response.content
