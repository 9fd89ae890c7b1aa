"""API-key authentication. Runs before routing, so new routes are authenticated by default."""

from collections.abc import Iterable

from ..errors import Unauthorized
from .credentials import CREDENTIALS, key_in, keys_in
from .keys import Keys

FREE = frozenset({"/", "/api/version", "/healthz", "/readyz"})
"""Liveness checks: readable without a key, since load balancers and Ollama clients send none."""

_READS = ("GET", "HEAD")
_REALM = 'realm="ollama-openai-proxy"'
# Ollama's own client recognizes a missing login by the word "unauthorized".
_MISSING = "unauthorized: this service requires an API key; send `Authorization: Bearer KEY`"
_UNKNOWN = "unauthorized: unknown API key"


class Authentication:
    """Checks the API keys that requests carry.

    With `keys=None` any key is accepted: it is forwarded, and the backend decides.
    """

    def __init__(self, keys: Keys | None) -> None:
        self._keys = keys

    def admit(self, method: str, path: str, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """Return the name of the request's key, or None if no key is required or any is accepted.

        Raises Unauthorized if a key is required and the request has none, or only unknown ones.
        """
        if path in FREE and method in _READS:
            return None
        keys = keys_in(headers)
        if not keys:
            raise Unauthorized(_MISSING, _challenge(headers))
        if self._keys is None:
            return None
        for key in keys:  # one known key is enough: some clients also send a placeholder
            name = self._keys.name_of(key)
            if name is not None:
                return name
        raise Unauthorized(_UNKNOWN, _challenge(headers, ', error="invalid_token"'))

    def known(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers without unknown keys, so that a placeholder is never forwarded to the backend
        in place of the real key."""
        return [
            (name, value)
            for name, value in headers
            if self._keys is None or name not in CREDENTIALS or self._is_known(name, value)
        ]

    def _is_known(self, name: bytes, value: bytes) -> bool:
        key = key_in(name, value)
        return key is not None and self._keys is not None and self._keys.name_of(key) is not None


def _challenge(headers: Iterable[tuple[bytes, bytes]], error: str = "") -> str:
    """The value of WWW-Authenticate: Basic for browsers, Bearer for all other clients.

    A browser can only prompt for Basic credentials. Chromium does not understand a header that
    offers both schemes.
    """
    from_browser = any(
        (name == b"accept" and b"text/html" in value)
        or (name == b"sec-fetch-site" and value == b"same-origin")
        for name, value in headers
    )
    return f"Basic {_REALM}" if from_browser else f"Bearer {_REALM}{error}"
