"""Removes the backend's API key from error messages and bodies before they reach a client."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from ..errors import ProxyError

_SHORTEST = 4
"""Shorter keys are placeholders such as `x`. Redacting them would garble ordinary text."""
_BEGINNING = 8
"""Length of the prefix by which a key is recognised: some servers echo only its beginning."""


class Redactor:
    """Replaces `keys` with `***`, also where they are truncated or percent-encoded."""

    def __init__(self, keys: Sequence[str | None]) -> None:
        secret = [key for key in keys if key and len(key) >= _SHORTEST]
        patterns = [pattern for key in secret for pattern in _patterns(key)]
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def body(self, body: bytes) -> bytes:
        """Return `body` with the keys replaced."""
        if self._pattern is None:
            return body
        return self._pattern.sub("***", body.decode("latin-1")).encode("latin-1")

    def error(self, error: BaseException | None) -> None:
        """Replace the keys in the message of `error` in place, if it is a ProxyError."""
        if self._pattern is not None and isinstance(error, ProxyError):
            error.message = self._pattern.sub("***", error.message)
            error.args = (error.message,)


def _patterns(key: str) -> list[str]:
    forms = sorted({key, quote(key, safe="")}, key=len, reverse=True)
    if len(key) > _BEGINNING:
        return [re.escape(form[:_BEGINNING]) + r"[^\s\"']*" for form in forms]
    return [rf"(?<!\w){re.escape(form)}(?!\w)" for form in forms]
