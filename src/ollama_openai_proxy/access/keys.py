"""Client API keys: parsing, hashing and lookup."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from .credentials import is_key

# Safe in log lines and as label values, without quotes.
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HASHED = re.compile(r"sha256:([0-9a-f]{64})", re.IGNORECASE)
_HASH = "sha256"


@dataclass(frozen=True, slots=True)
class Key:
    """A named key. Only its SHA-256 digest is stored."""

    name: str
    digest: bytes


class Keys:
    """The accepted keys, stored as SHA-256 digests."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = tuple(keys)

    def name_of(self, candidate: str) -> str | None:
        """Return the name of a key, or None if the key is unknown.

        The digest is compared with all digests, each in constant time, so the duration reveals
        neither which key matched nor how similar the digests are.
        """
        digest = sha256(candidate.encode()).digest()
        found = None
        for key in self._keys:
            if compare_digest(key.digest, digest):
                found = key.name
        return found

    def __len__(self) -> int:
        return len(self._keys)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keys) and self._keys == other._keys

    def __hash__(self) -> int:
        return hash(self._keys)

    def __repr__(self) -> str:
        return f"Keys({', '.join(key.name for key in self._keys)})"


def parse_keys(text: str) -> Keys:
    """Parse comma-separated keys. Raises ValueError as `parse_lines` does."""
    return _keys(enumerate(text.replace("\n", ",").split(","), 1), "key")


def parse_lines(text: str) -> Keys:
    """Parse a key file: one key per line; empty lines and lines that start with # are ignored.

    Raises ValueError with the position and the reason, but without the key.
    """
    lines = enumerate(text.removeprefix("\ufeff").splitlines(), 1)
    return _keys(((at, line) for at, line in lines if not line.lstrip().startswith("#")), "line")


def hashed(key: str, name: str = "") -> str:
    """A key's entry with its hash: `[NAME:]sha256:DIGEST`. Raises ValueError for an invalid key."""
    if not is_key(key):
        raise ValueError("a key must be printable ASCII without spaces")
    if name and not _NAME.fullmatch(name):
        raise ValueError(
            f"a name may have only letters, digits, dots, dashes and underscores: {name!r}"
        )
    return ":".join([*([name] if name else []), _HASH, sha256(key.encode()).hexdigest()])


def _keys(entries: Iterable[tuple[int, str]], place: str) -> Keys:
    keys = []
    for at, entry in entries:
        if entry.strip():
            try:
                keys.append(_key(entry.strip(), f"{place}-{at}"))
            except ValueError as error:
                raise ValueError(f"{place} {at} {error}") from None
    if not keys:
        raise ValueError("contains no keys")
    return Keys(keys)


def _key(entry: str, default: str) -> Key:
    """Parse `KEY` or `NAME:KEY`, where KEY may be `sha256:` and 64 hexadecimal digits.

    The name ends at the first colon and may be empty.
    """
    whole = _HASHED.fullmatch(entry)
    if whole:
        return Key(default, bytes.fromhex(whole[1]))
    name, colon, key = entry.partition(":")
    if not colon:
        name, key = "", entry
    if name and not _NAME.fullmatch(name):
        raise ValueError("has an invalid name; use letters, digits, dots, dashes and underscores")
    hash_ = _HASHED.fullmatch(key)
    if hash_:
        return Key(name or default, bytes.fromhex(hash_[1]))
    if name.lower() == _HASH or key.lower().startswith(f"{_HASH}:"):
        raise ValueError("has a SHA-256 digest that is not 64 hexadecimal digits")
    if not is_key(key):
        raise ValueError("is not printable ASCII without spaces")
    return Key(name or default, sha256(key.encode()).digest())
