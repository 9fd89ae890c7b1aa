"""aiohttp's exceptions → errors.py."""

import errno

import aiohttp

from ...backend_errors import masked
from ...errors import BackendTimeout, BackendUnreachable, BackendViolation, ProxyError
from .connection_pool import UnsolicitedData

_URL = "the backend's URL cannot be used"
_BROKE = "the connection to the backend broke"
_PROXY = "the proxy on the way to the backend failed"

# aiohttp's exceptions → ours, the most specific first. A test finds every one of aiohttp's here.
_FAILURES: tuple[tuple[type[Exception], type[ProxyError], str], ...] = (
    (UnsolicitedData, BackendViolation, "the backend sent data before it received a request"),
    (aiohttp.ConnectionTimeoutError, BackendTimeout, "connecting to the backend took too long"),
    (aiohttp.ServerTimeoutError, BackendTimeout, "the backend did not answer in time"),
    (aiohttp.ClientProxyConnectionError, BackendUnreachable, _PROXY),
    (aiohttp.ClientHttpProxyError, BackendUnreachable, _PROXY),
    (aiohttp.ClientConnectorError, BackendUnreachable, "cannot reach the backend"),
    (aiohttp.InvalidURL, BackendUnreachable, _URL),
    (aiohttp.NonHttpUrlClientError, BackendUnreachable, _URL),
    (aiohttp.ClientConnectionError, BackendUnreachable, _BROKE),
    (aiohttp.UploadAbortedError, BackendUnreachable, _BROKE),
    (aiohttp.ClientPayloadError, BackendViolation, "the backend's answer was cut short"),
    (aiohttp.ClientError, BackendViolation, "the backend broke the HTTP protocol"),
    (OSError, BackendUnreachable, _BROKE),
)


def failure(error: Exception) -> ProxyError:
    """The error of ours for one of aiohttp's or of the system's, with the system's reason."""
    for known, ours, text in _FAILURES:
        if isinstance(error, known):
            reason = _reason(error)
            return ours(f"{text}: {reason}" if reason else text)
    return BackendUnreachable(_BROKE)


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
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return isinstance(error.message, str)  # else it is what was read of a response's head
    if isinstance(error, aiohttp.ClientConnectorError):
        return False
    # A reset: a NAT or a load balancer forgot the connection, or it closed while we wrote.
    return isinstance(error, OSError) and (
        isinstance(error, ConnectionResetError) or error.errno in (errno.ECONNRESET, errno.EPIPE)
    )
