"""The keys that clients of the service may use: reading them, and knowing one of them again."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from .credentials import is_key

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HASHED = re.compile(r"sha256:([0-9a-f]{64})", re.IGNORECASE)
_HASH = "sha256"


@dataclass(frozen=True, slots=True)
class Key:
    """A key by its name and its SHA-256, which is all that is kept of it."""

    name: str
    digest: bytes


class Keys:
    """Keys, none of which can be read out again."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = tuple(keys)

    def name_of(self, given: str) -> str | None:
        """The name of the key that is given; None where it is none of them.

        All are compared, each in a time that does not depend on where it differs: what is
        compared are digests, and which one was right does not shorten it.
        """
        digest = sha256(given.encode()).digest()
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
    """The keys between commas, or those of a file (`parse_lines`)."""
    return _keys(enumerate(text.replace("\n", ",").split(","), 1), "key")


def parse_lines(text: str) -> Keys:
    """The keys of a file: one a line, but for empty lines and those that begin with #.

    Raises ValueError with the place and the reason, and never shows a key.
    """
    lines = enumerate(text.removeprefix("\ufeff").splitlines(), 1)
    return _keys(((at, line) for at, line in lines if not line.lstrip().startswith("#")), "line")


def hashed(key: str, name: str = "") -> str:
    """The entry for a key that does not tell it. Raises ValueError for what cannot be one."""
    if not is_key(key):
        raise ValueError("a key is printable ASCII without spaces")
    if name and not _NAME.fullmatch(name):
        raise ValueError(f"a name consists of letters, digits, dots, dashes and underlines: {name}")
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
        raise ValueError("holds no key")
    return Keys(keys)


def _key(entry: str, default: str) -> Key:
    """`key`, `name:key`, or either with `sha256:` and 64 digits in place of the key.

    What stands in front of the first colon is the name; it may be empty.
    """
    whole = _HASHED.fullmatch(entry)
    if whole:
        return Key(default, bytes.fromhex(whole[1]))
    name, colon, key = entry.partition(":")
    if not colon:
        name, key = "", entry
    if name and not _NAME.fullmatch(name):
        raise ValueError("has a name of other characters than letters, digits, dots, dashes and _")
    hash_ = _HASHED.fullmatch(key)
    if hash_:
        return Key(name or default, bytes.fromhex(hash_[1]))
    if name.lower() == _HASH or key.lower().startswith(f"{_HASH}:"):
        raise ValueError("has a SHA-256 that is not 64 hexadecimal digits")
    if not is_key(key):
        raise ValueError("is not printable ASCII without spaces")
    return Key(name or default, sha256(key.encode()).digest())
