"""Which requests need a key, and what is said to those whose key is missing or wrong."""

from collections.abc import Iterable

from ..errors import Unauthorized
from .credentials import CREDENTIALS, key_in, keys_in
from .keys import Keys

FREE = frozenset({"/", "/api/version", "/healthz", "/readyz"})
"""Asked by who only wants to know whether we are there: clients, balancers, orchestrators."""

_READS = ("GET", "HEAD")
_REALM = 'realm="ollama-openai-proxy"'
# "unauthorized" is what Ollama's own client looks for.
_MISSING = "unauthorized: this service needs a key, as in `Authorization: Bearer KEY`"
_WRONG = "unauthorized: the key is not one that this service knows"


class Authentication:
    """Asks for one of `keys`; without them for any, which is then for the backend to judge."""

    def __init__(self, keys: Keys | None) -> None:
        self._keys = keys

    def admit(self, method: str, path: str, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """The name of the key that the request came with, where ours has one; else Unauthorized."""
        if path in FREE and method in _READS:
            return None
        given = keys_in(headers)
        if not given:
            raise Unauthorized(_MISSING, _challenge(headers))
        if self._keys is None:
            return None
        for key in given:  # one of them may be a placeholder
            name = self._keys.name_of(key)
            if name is not None:
                return name
        raise Unauthorized(_WRONG, _challenge(headers, ', error="invalid_token"'))

    def known(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers without keys that are none of ours: nobody is known by those, and beside
        one that is, they must not go to the backend in its place."""
        return [
            (name, value)
            for name, value in headers
            if self._keys is None or name not in CREDENTIALS or self._is_known(name, value)
        ]

    def _is_known(self, name: bytes, value: bytes) -> bool:
        key = key_in(name, value)
        return key is not None and self._keys is not None and self._keys.name_of(key) is not None


def _challenge(headers: Iterable[tuple[bytes, bytes]], error: str = "") -> str:
    """Bearer; a page in a browser, and what it loads, can only be asked for a password.

    For one thing alone: Chromium does not understand two in one line.
    """
    page = any(
        (name == b"accept" and b"text/html" in value)
        or (name == b"sec-fetch-site" and value == b"same-origin")
        for name, value in headers
    )
    return f"Basic {_REALM}" if page else f"Bearer {_REALM}{error}"
