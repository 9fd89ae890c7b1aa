"""API keys in request headers.

Clients of OpenAI, Anthropic, Azure and Google use different headers, and clients with a key in the
URL send HTTP Basic credentials.
"""

import binascii
from collections.abc import Iterable

CREDENTIALS = frozenset({b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"})
"""Names of the headers that may carry a key, in lower case."""


def keys_in(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, ...]:
    """The distinct keys of a request, in the order of its headers."""
    found: tuple[str, ...] = ()
    for name, value in headers:
        if name in CREDENTIALS:
            key = key_in(name, value)
            if key is not None and key not in found:
                found += (key,)
    return found


def key_in(name: bytes, value: bytes) -> str | None:
    """The key in a header of CREDENTIALS, or None if it has no valid key (see `is_key`).

    `Authorization` contains `Bearer KEY`, the key alone, or Basic credentials, which clients send
    for http://user:key@host. The key is the password, or the user name if the password is empty.
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
    """Whether `text` is a valid key: printable ASCII without spaces."""
    return text.isascii() and text.isprintable() and " " not in text and text != ""


def is_basic(value: bytes) -> bool:
    """Whether an `Authorization` value has the scheme Basic."""
    return value.strip()[:6].lower() == b"basic "


def _password(encoded: str) -> str:
    try:
        name, _, password = binascii.a2b_base64(encoded).decode("latin-1").partition(":")
    except (binascii.Error, ValueError):
        return ""
    return password or name
