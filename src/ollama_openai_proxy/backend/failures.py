"""What can go wrong between us and the backend → errors.py."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import httpx
import msgspec

from ..envelope import error_message, masked
from ..errors import (
    BackendRefused,
    BackendTimeout,
    BackendUnreachable,
    BackendViolation,
    ProxyError,
)

# httpx's exceptions → ours, the most specific first. A test finds every one of httpx's here.
_FAILURES: tuple[tuple[type[Exception], type[ProxyError], str], ...] = (
    (httpx.ConnectTimeout, BackendTimeout, "connecting to the backend took too long"),
    (httpx.PoolTimeout, BackendTimeout, "no connection to the backend was free in time"),
    (httpx.TimeoutException, BackendTimeout, "the backend did not answer in time"),
    (httpx.ConnectError, BackendUnreachable, "cannot reach the backend"),
    (httpx.ProxyError, BackendUnreachable, "the proxy on the way to the backend failed"),
    (httpx.UnsupportedProtocol, BackendUnreachable, "the backend's URL cannot be used"),
    (httpx.RemoteProtocolError, BackendViolation, "the backend broke the HTTP protocol"),
    (httpx.DecodingError, BackendViolation, "the backend's answer cannot be decoded"),
    (httpx.TooManyRedirects, BackendViolation, "the backend redirects without end"),
    (httpx.NetworkError, BackendUnreachable, "the connection to the backend broke"),
    (httpx.TransportError, BackendUnreachable, "the backend cannot be used"),
    (httpx.HTTPError, BackendUnreachable, "the backend cannot be used"),
    (httpx.InvalidURL, BackendUnreachable, "the backend's URL cannot be used"),
    (httpx.StreamError, BackendUnreachable, "the connection to the backend broke"),
)

# The aiohttp transport calls every failed connection a ConnectTimeout; its cause tells better.
_CAUSES: tuple[tuple[type[Exception], type[ProxyError], str], ...] = (
    (aiohttp.ConnectionTimeoutError, BackendTimeout, "connecting to the backend took too long"),
    (aiohttp.ServerTimeoutError, BackendTimeout, "the backend did not answer in time"),
    (aiohttp.ClientConnectorError, BackendUnreachable, "cannot reach the backend"),
    (aiohttp.ClientConnectionError, BackendUnreachable, "the connection to the backend broke"),
    (aiohttp.ClientPayloadError, BackendViolation, "the backend's answer was cut short"),
    (aiohttp.ClientError, BackendViolation, "the backend broke the HTTP protocol"),
)

# Status of the backend → status for our client, where they differ (422 is FastAPI's 400).
_STATUSES = {402: 403, 405: 501, 408: 504, 422: 400, 424: 502, 425: 429, 498: 503, 529: 503}


@contextmanager
def mapped() -> Iterator[None]:
    """Turns what httpx and aiohttp raise into our errors."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, aiohttp.ClientError) as error:
        raise failure(error) from error


def failure(error: Exception) -> ProxyError:
    """The error of ours that stands for one of theirs; the reason is the system's, if it has one."""
    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error
    for known, ours, text in _CAUSES + _FAILURES:
        if isinstance(cause, known):
            reason = _reason(cause)
            return ours(f"{text}: {reason}" if reason else text)
    return BackendUnreachable("the backend cannot be used")


def _reason(error: BaseException) -> str:
    """`host:port: Connection refused`, without the noise that libraries put around it."""
    if isinstance(error, aiohttp.ClientConnectorError):
        system = error.os_error.strerror or str(error.os_error)
        return f"{error.host}:{error.port}: {system}"
    return masked(str(error))[:300]


def refusal(status: int, body: bytes, reason: str, retry_after: str | None) -> BackendRefused:
    """The error for an answer with an error status; `reason` is the status line's phrase."""
    message = _message(body) or f"the backend answered {status} {reason}".rstrip()
    if status >= 520 and status not in _STATUSES:  # Cloudflare's own
        ours = 502
    else:
        ours = _STATUSES.get(status, status if 400 <= status <= 599 else 502)
    return BackendRefused(message, ours, retry_after)


def _message(body: bytes) -> str | None:
    try:
        return error_message(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return title_of(body)


def title_of(body: bytes) -> str | None:
    """The title of an HTML page, or the text of a short plain one."""
    text = body[:4096].decode(errors="replace").strip()
    lower = text.lower()
    start = lower.find("<title>")
    if start >= 0:
        end = lower.find("</title>", start)
        return masked(" ".join(text[start + 7 : end if end > 0 else None].split()))[:200] or None
    if not text or text.startswith("<"):
        return None
    return masked(" ".join(text.split()))[:300]
