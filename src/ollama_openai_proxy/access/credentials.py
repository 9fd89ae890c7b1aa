"""Where clients put a key in a request: those of OpenAI, Anthropic, Azure and Google, and URLs."""

import binascii
from collections.abc import Iterable

CREDENTIALS = frozenset({b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"})
"""The headers; their names in lower case."""


def keys_in(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, ...]:
    """The keys that a request brings along, in the order of its headers, each once."""
    found: tuple[str, ...] = ()
    for name, value in headers:
        if name in CREDENTIALS:
            key = key_in(name, value)
            if key is not None and key not in found:
                found += (key,)
    return found


def key_in(name: bytes, value: bytes) -> str | None:
    """The key in a header of CREDENTIALS; None where it holds none that a header can carry.

    `Authorization` has it behind Bearer, by itself, or as the password of Basic, which is what
    becomes of http://user:key@host; a name without a password is the key.
    """
    text = value.decode("latin-1").strip()
    if name == b"authorization":
        scheme, _, rest = text.partition(" ")
        kind = scheme.lower()
        if kind == "basic":
            text = _password(rest)
        elif kind == "bearer":
            text = rest.strip()
    return text if is_key(text) else None


def is_key(text: str) -> bool:
    """Whether it can be a key: printable ASCII without spaces."""
    return text.isascii() and text.isprintable() and " " not in text and text != ""


def is_basic(value: bytes) -> bool:
    """Whether the value of `Authorization` is a name and a password."""
    return value.strip()[:6].lower() == b"basic "


def _password(encoded: str) -> str:
    try:
        name, _, password = binascii.a2b_base64(encoded).decode("latin-1").partition(":")
    except (binascii.Error, ValueError):
        return ""
    return password or name
