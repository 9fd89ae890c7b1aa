"""What can go wrong between us and the backend → errors.py."""

import errno
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from urllib.parse import quote

import aiohttp
import httpx
import msgspec

from ..backend_errors import client_status, error_message, error_status, masked
from ..errors import (
    BackendRefused,
    BackendTimeout,
    BackendUnreachable,
    BackendViolation,
    ProxyError,
)
from .transport.connection_pool import UnsolicitedData

# A refusal's headers that are of use to our client, and what they are called there: when to try
# again, and by which name the provider finds the request (Azure, Mistral, OpenRouter; the rest).
_PASSED_ON = (
    ("retry-after", "retry-after"),
    ("apim-request-id", "x-request-id"),
    ("mistral-correlation-id", "x-request-id"),
    ("x-generation-id", "x-request-id"),
    ("x-request-id", "x-request-id"),
)
_URL = "the backend's URL cannot be used"
_PROXY = "the proxy on the way to the backend failed"

# httpx's exceptions → ours, the most specific first. A test finds every one of httpx's here.
_FAILURES: tuple[tuple[type[Exception], type[ProxyError], str], ...] = (
    (httpx.ConnectTimeout, BackendTimeout, "connecting to the backend took too long"),
    (httpx.PoolTimeout, BackendTimeout, "no connection to the backend was free in time"),
    (httpx.TimeoutException, BackendTimeout, "the backend did not answer in time"),
    (httpx.ConnectError, BackendUnreachable, "cannot reach the backend"),
    (httpx.ProxyError, BackendUnreachable, _PROXY),
    (httpx.UnsupportedProtocol, BackendUnreachable, _URL),
    (httpx.RemoteProtocolError, BackendViolation, "the backend broke the HTTP protocol"),
    (httpx.DecodingError, BackendViolation, "the backend's answer cannot be decoded"),
    (httpx.TooManyRedirects, BackendViolation, "the backend redirects without end"),
    (httpx.NetworkError, BackendUnreachable, "the connection to the backend broke"),
    (httpx.TransportError, BackendUnreachable, "the backend cannot be used"),
    (httpx.HTTPError, BackendUnreachable, "the backend cannot be used"),
    (httpx.InvalidURL, BackendUnreachable, _URL),
    (httpx.StreamError, BackendUnreachable, "the connection to the backend broke"),
)

# The aiohttp transport calls every failed connection a ConnectTimeout; its cause tells better.
_CAUSES: tuple[tuple[type[Exception], type[ProxyError], str], ...] = (
    (UnsolicitedData, BackendViolation, "the backend sent data before it received a request"),
    (aiohttp.ConnectionTimeoutError, BackendTimeout, "connecting to the backend took too long"),
    (aiohttp.ServerTimeoutError, BackendTimeout, "the backend did not answer in time"),
    (aiohttp.ClientProxyConnectionError, BackendUnreachable, _PROXY),
    (aiohttp.ClientHttpProxyError, BackendUnreachable, _PROXY),
    (aiohttp.ClientConnectorError, BackendUnreachable, "cannot reach the backend"),
    (aiohttp.InvalidURL, BackendUnreachable, _URL),
    (aiohttp.NonHttpUrlClientError, BackendUnreachable, _URL),
    (aiohttp.ClientConnectionError, BackendUnreachable, "the connection to the backend broke"),
    (aiohttp.UploadAbortedError, BackendUnreachable, "the connection to the backend broke"),
    (aiohttp.ClientPayloadError, BackendViolation, "the backend's answer was cut short"),
    (aiohttp.ClientError, BackendViolation, "the backend broke the HTTP protocol"),
)


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
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "Server disconnected"  # its own text may hold half of an answer's head
    # aiohttp puts status and URL around the message, and lines under it.
    text = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    return masked(" ".join(text.split()))[:300]


def was_dead(error: Exception) -> bool:
    """Whether a request met a connection that was gone, and no byte of an answer came."""
    cause = error if isinstance(error, aiohttp.ClientError) else error.__cause__
    if isinstance(cause, aiohttp.ServerDisconnectedError):
        return isinstance(cause.message, str)  # else it is what was read of an answer's head
    if isinstance(cause, aiohttp.ClientConnectorError):
        return False
    # A reset: a NAT or a load balancer forgot the connection, or it closed while we wrote.
    return isinstance(cause, OSError) and (
        isinstance(cause, ConnectionResetError) or cause.errno in (errno.ECONNRESET, errno.EPIPE)
    )


class Secret:
    """Keys that no message may show: some servers echo one, whole or its beginning."""

    _LEAST = 4  # shorter ones are placeholders
    _BEGINNING = 8

    def __init__(self, *keys: str | None) -> None:
        self._pattern: re.Pattern[str] | None = None
        secret = [key for key in keys if key and len(key) >= self._LEAST]
        alternatives = [form for key in secret for form in self._forms(key)]
        if alternatives:
            self._pattern = re.compile("|".join(alternatives), re.IGNORECASE)

    def _forms(self, key: str) -> list[str]:
        forms = sorted({key, quote(key, safe="")}, key=len, reverse=True)
        if len(key) > self._BEGINNING:
            return [re.escape(form[: self._BEGINNING]) + r"[^\s\"']*" for form in forms]
        return [rf"(?<!\w){re.escape(form)}(?!\w)" for form in forms]

    def strike(self, body: bytes) -> bytes:
        """`body` without it."""
        if self._pattern is None:
            return body
        return self._pattern.sub("***", body.decode("latin-1")).encode("latin-1")

    @contextmanager
    def struck(self) -> Iterator[None]:
        """Strikes it out of the failures that the body raises."""
        try:
            yield
        except ProxyError as failed:
            if self._pattern is not None:
                failed.message = self._pattern.sub("***", failed.message)
                failed.args = (failed.message,)
            raise


def refusal(
    status: int, body: bytes, reason: str, headers: Mapping[str, str] = MappingProxyType({})
) -> BackendRefused:
    """The error for an answer with an error status; `reason` is the status line's phrase."""
    message = _message(body) or f"the backend answered {status} {reason}".rstrip()
    passed_on = {ours: headers[theirs] for theirs, ours in _PASSED_ON if headers.get(theirs)}
    return BackendRefused(message, client_status(status), passed_on)


def told_of(body: bytes) -> BackendRefused | None:
    """The error that a body with the status 200 tells of, if it is one (OpenRouter)."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    error = document.get("error") if isinstance(document, dict) else None
    message = error_message({"error": error}) if error else None
    return BackendRefused(message, error_status(error) or 502) if message else None


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
