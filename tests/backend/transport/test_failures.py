"""Every exception of the HTTP client becomes an error of ours."""

from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from yarl import URL

from ollama_openai_proxy.backend.transport.failures import failure
from ollama_openai_proxy.errors import (
    BackendTimeout,
    BackendUnreachable,
    BackendViolation,
    ProxyError,
)

# ours, and a word that the message must have
AIOHTTP: dict[str, tuple[type[ProxyError], str]] = {
    "ClientConnectionError": (BackendUnreachable, "connection"),
    "ClientConnectionResetError": (BackendUnreachable, "connection"),
    "ClientConnectorCertificateError": (BackendUnreachable, "cannot reach"),
    "ClientConnectorDNSError": (BackendUnreachable, "cannot reach"),
    "ClientConnectorError": (BackendUnreachable, "cannot reach"),
    "ClientConnectorSSLError": (BackendUnreachable, "cannot reach"),
    "ClientError": (BackendViolation, "protocol"),
    "ClientHttpProxyError": (BackendUnreachable, "proxy"),
    "ClientOSError": (BackendUnreachable, "connection"),
    "ClientPayloadError": (BackendViolation, "cut short"),
    "ClientProxyConnectionError": (BackendUnreachable, "proxy"),
    "ClientResponseError": (BackendViolation, "protocol"),
    "ClientSSLError": (BackendUnreachable, "cannot reach"),
    "ConnectionTimeoutError": (BackendTimeout, "connecting"),
    "ContentTypeError": (BackendViolation, "protocol"),
    "InvalidURL": (BackendUnreachable, "URL"),
    "InvalidUrlClientError": (BackendUnreachable, "URL"),
    "InvalidUrlRedirectClientError": (BackendUnreachable, "URL"),
    "NonHttpUrlClientError": (BackendUnreachable, "URL"),
    "NonHttpUrlRedirectClientError": (BackendUnreachable, "URL"),
    "RedirectClientError": (BackendViolation, "protocol"),
    "ServerConnectionError": (BackendUnreachable, "connection"),
    "ServerDisconnectedError": (BackendUnreachable, "connection"),
    "ServerFingerprintMismatch": (BackendUnreachable, "connection"),
    "ServerTimeoutError": (BackendTimeout, "in time"),
    "SocketTimeoutError": (BackendTimeout, "in time"),
    "TooManyRedirects": (BackendViolation, "protocol"),
    "UnixClientConnectorError": (BackendUnreachable, "cannot reach"),
    "UploadAbortedError": (BackendUnreachable, "connection"),
    "WSServerHandshakeError": (BackendViolation, "protocol"),
}

_KEY = ConnectionKey("backend.test", 8080, False, True, None, None, None)
_REQUEST = aiohttp.RequestInfo(URL("http://backend.test/v1"), "POST", None, URL("http://x"))  # type: ignore[arg-type]
_ARGUMENTS: tuple[tuple[type[Exception], tuple[Any, ...]], ...] = (
    (
        aiohttp.client_exceptions.UnixClientConnectorError,
        ("/run/x", _KEY, OSError(111, "Connection refused")),
    ),
    (aiohttp.ClientConnectorError, (_KEY, OSError(111, "Connection refused"))),
    (aiohttp.ServerFingerprintMismatch, (b"a", b"b", "backend.test", 8080)),
    (aiohttp.ClientResponseError, (_REQUEST, ())),
    (aiohttp.InvalidURL, ("http://backend.test",)),
)


def walk(*bases: type[Exception]) -> Iterator[type[Exception]]:
    for base in bases:
        if base.__module__.split(".")[0] == "aiohttp":
            yield base
        yield from walk(*base.__subclasses__())


def raised(error: type[Exception]) -> Exception:
    for known, arguments in _ARGUMENTS:
        if issubclass(error, known):
            return error(*arguments)
    return error("boom")


OF_AIOHTTP = sorted(set(walk(aiohttp.ClientError)), key=lambda e: e.__name__)


def test_the_table_above_has_every_exception_of_aiohttp() -> None:
    assert [error.__name__ for error in OF_AIOHTTP] == sorted(AIOHTTP)


@pytest.mark.parametrize("error", OF_AIOHTTP, ids=lambda error: error.__name__)
def test_every_exception_of_aiohttp_is_an_error_of_ours(error: type[Exception]) -> None:
    ours, word = AIOHTTP[error.__name__]
    found = failure(raised(error))
    assert type(found) is ours
    assert word in found.message
    assert "backend" in found.message


def test_a_refused_connection_tells_where_and_why() -> None:
    message = failure(raised(aiohttp.ClientConnectorError)).message
    assert message == "cannot reach the backend: backend.test:8080: Connection refused"


def test_a_reason_has_no_key_in_it() -> None:
    message = failure(
        aiohttp.ClientConnectionError("sent Authorization: Bearer abc.def sk-1234567890")
    ).message
    assert "abc.def" not in message
    assert "1234567890" not in message


def test_a_reason_is_one_short_line() -> None:
    message = failure(aiohttp.ClientPayloadError("a\n\n  b\n" + "x" * 10_000)).message
    assert "\n" not in message
    assert len(message) < 500
