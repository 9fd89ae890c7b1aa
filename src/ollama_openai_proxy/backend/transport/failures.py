"""Translates the HTTP client's exceptions into the errors of errors.py."""

import errno

import aiohttp

from ...backend_errors import masked
from ...errors import BackendTimeout, BackendUnreachable, BackendViolation, ProxyError
from .connection_pool import UnsolicitedData

_INVALID_URL = "the backend URL is invalid"
_LOST = "lost the connection to the backend"
_PROXY = "cannot connect to the backend through the proxy (HTTP_PROXY or HTTPS_PROXY)"
_INCOMPLETE = "the backend closed the connection before the response was complete"

# aiohttp's exceptions → ours, the most specific first. A test checks that none is missing.
_FAILURES: tuple[tuple[type[Exception], type[ProxyError], str], ...] = (
    (UnsolicitedData, BackendViolation, "the backend sent data before it received a request"),
    (
        aiohttp.ConnectionTimeoutError,
        BackendTimeout,
        "timed out while connecting to the backend",
    ),
    (aiohttp.ServerTimeoutError, BackendTimeout, "the backend did not respond in time"),
    (aiohttp.ClientProxyConnectionError, BackendUnreachable, _PROXY),
    (aiohttp.ClientHttpProxyError, BackendUnreachable, _PROXY),
    (aiohttp.ClientConnectorError, BackendUnreachable, "cannot connect to the backend"),
    (aiohttp.InvalidURL, BackendUnreachable, _INVALID_URL),
    (aiohttp.NonHttpUrlClientError, BackendUnreachable, _INVALID_URL),
    (aiohttp.ClientConnectionError, BackendUnreachable, _LOST),
    (aiohttp.UploadAbortedError, BackendUnreachable, _LOST),
    (aiohttp.ClientPayloadError, BackendViolation, "the backend sent an invalid response body"),
    (aiohttp.ClientError, BackendViolation, "the backend sent an invalid HTTP response"),
    (OSError, BackendUnreachable, _LOST),
)
# Beginnings of aiohttp's own messages.
_CONNECT_TIMEOUT = "Connection timeout to host "
_NOT_COMPLETED = "Response payload is not completed: "


def failure(error: Exception) -> ProxyError:
    """Convert an exception of aiohttp or the operating system to a ProxyError.

    The message names the peer if it is known and ends with the system's reason.
    """
    for known, ours, text in _FAILURES:
        if isinstance(error, known):
            return ours(_message(text, error))
    return BackendUnreachable(_LOST)


def _message(text: str, error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{text} at {error.host}:{error.port}: {_system_reason(error.os_error)}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        # aiohttp's message may contain part of the response's head.
        return f"{text}: server disconnected before responding"
    # str() of a ClientResponseError also contains the status and the request's URL.
    reason = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        url = _one_line(reason.removeprefix(_CONNECT_TIMEOUT))
        return f"{text} at {url}; see OLLAMA_OPENAI_PROXY_CONNECT_TIMEOUT"
    if isinstance(error, aiohttp.ClientPayloadError) and reason.startswith(_NOT_COMPLETED):
        # aiohttp raises the same exception for a body that it cannot decode.
        text, reason = _INCOMPLETE, reason.removeprefix(_NOT_COMPLETED)
    reason = _one_line(reason)
    return f"{text}: {reason}" if reason else text


def _system_reason(error: OSError) -> str:
    # asyncio's own text is "Connect call failed ('127.0.0.1', 8000)".
    if isinstance(error, ConnectionRefusedError):
        return "connection refused (is it running?)"
    return error.strerror or str(error)


def _one_line(text: str) -> str:
    """Return `text` on one line, with keys masked, cut to 300 characters."""
    return masked(" ".join(text.split()))[:300]


def was_dead(error: Exception) -> bool:
    """Whether the request was sent on a dead connection: no byte of a response was received."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return isinstance(error.message, str)  # otherwise it is part of a response's head
    if isinstance(error, aiohttp.ClientConnectorError):
        return False
    # A reset: a NAT or a load balancer dropped the connection, or it closed while we were writing.
    return isinstance(error, OSError) and (
        isinstance(error, ConnectionResetError) or error.errno in (errno.ECONNRESET, errno.EPIPE)
    )
