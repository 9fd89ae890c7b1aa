"""Checks relative links and anchors in Markdown files, without a network."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

_FOLDERS = (".github", "docker", "docs", "scripts", "specs", "src", "tests")
_FENCED = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+).+?\1")
_INLINE = re.compile(r"\]\(<?([^()\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_REFERENCE = re.compile(r"^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)(?:\s+#+)?$", re.MULTILINE)
_LINK_TEXT = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def markdown_files(root: Path) -> Iterator[Path]:
    """Every Markdown file of the project; not those of installed packages."""
    yield from sorted(root.glob("*.md"))
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*.md")):
            if "node_modules" not in path.parts:
                yield path


def broken_links(path: Path, root: Path) -> list[str]:
    """Targets of the file's relative links that do not exist inside `root`."""
    text = _CODE.sub("", _FENCED.sub("", path.read_text("utf-8")))
    targets = [*_INLINE.findall(text), *_REFERENCE.findall(text)]
    return [
        target for target in targets if not (_SCHEME.match(target) or _exists(path, target, root))
    ]


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCED.sub("", text)):
        plain = _LINK_TEXT.sub(r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        numbered = (anchor, *(f"{anchor}-{number}" for number in range(1, len(found) + 1)))
        found.add(next(name for name in numbered if name not in found))
    return found


def _exists(path: Path, target: str, root: Path) -> bool:
    name, _, anchor = unquote(target).partition("#")
    other = (path.parent / name).resolve() if name else path.resolve()
    if not (other.exists() and other.is_relative_to(root.resolve())):
        return False
    return not anchor or other.suffix != ".md" or anchor in anchors(other.read_text("utf-8"))
