"""Every exception of the HTTP client is converted to one of the service's errors."""

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

# exception → the error, and a word that its message must contain
AIOHTTP: dict[str, tuple[type[ProxyError], str]] = {
    "ClientConnectionError": (BackendUnreachable, "connection"),
    "ClientConnectionResetError": (BackendUnreachable, "connection"),
    "ClientConnectorCertificateError": (BackendUnreachable, "cannot connect"),
    "ClientConnectorDNSError": (BackendUnreachable, "cannot connect"),
    "ClientConnectorError": (BackendUnreachable, "cannot connect"),
    "ClientConnectorSSLError": (BackendUnreachable, "cannot connect"),
    "ClientError": (BackendViolation, "invalid HTTP response"),
    "ClientHttpProxyError": (BackendUnreachable, "proxy"),
    "ClientOSError": (BackendUnreachable, "connection"),
    "ClientPayloadError": (BackendViolation, "invalid response body"),
    "ClientProxyConnectionError": (BackendUnreachable, "proxy"),
    "ClientResponseError": (BackendViolation, "invalid HTTP response"),
    "ClientSSLError": (BackendUnreachable, "cannot connect"),
    "ConnectionTimeoutError": (BackendTimeout, "timed out while connecting"),
    "ContentTypeError": (BackendViolation, "invalid HTTP response"),
    "InvalidURL": (BackendUnreachable, "URL"),
    "InvalidUrlClientError": (BackendUnreachable, "URL"),
    "InvalidUrlRedirectClientError": (BackendUnreachable, "URL"),
    "NonHttpUrlClientError": (BackendUnreachable, "URL"),
    "NonHttpUrlRedirectClientError": (BackendUnreachable, "URL"),
    "RedirectClientError": (BackendViolation, "invalid HTTP response"),
    "ServerConnectionError": (BackendUnreachable, "connection"),
    "ServerDisconnectedError": (BackendUnreachable, "connection"),
    "ServerFingerprintMismatch": (BackendUnreachable, "connection"),
    "ServerTimeoutError": (BackendTimeout, "in time"),
    "SocketTimeoutError": (BackendTimeout, "in time"),
    "TooManyRedirects": (BackendViolation, "invalid HTTP response"),
    "UnixClientConnectorError": (BackendUnreachable, "cannot connect"),
    "UploadAbortedError": (BackendUnreachable, "connection"),
    "WSServerHandshakeError": (BackendViolation, "invalid HTTP response"),
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


def test_the_table_lists_every_exception_of_aiohttp() -> None:
    assert [error.__name__ for error in OF_AIOHTTP] == sorted(AIOHTTP)


@pytest.mark.parametrize("error", OF_AIOHTTP, ids=lambda error: error.__name__)
def test_every_exception_of_aiohttp_is_converted(error: type[Exception]) -> None:
    ours, word = AIOHTTP[error.__name__]
    found = failure(raised(error))
    assert type(found) is ours
    assert word in found.message
    assert "backend" in found.message


def test_the_message_for_a_refused_connection_has_address_and_reason() -> None:
    message = failure(raised(aiohttp.ClientConnectorError)).message
    assert message == (
        "cannot connect to the backend at backend.test:8080: connection refused (is it running?)"
    )


def test_a_connect_timeout_names_the_url_and_the_setting() -> None:
    error = aiohttp.ConnectionTimeoutError("Connection timeout to host http://backend.test/v1")
    assert failure(error).message == (
        "timed out while connecting to the backend at http://backend.test/v1; "
        "see OLLAMA_OPENAI_PROXY_CONNECT_TIMEOUT"
    )


def test_an_incomplete_response_is_distinguished_from_an_invalid_one() -> None:
    error = aiohttp.ClientPayloadError("Response payload is not completed: <reason>")
    assert failure(error).message == (
        "the backend closed the connection before the response was complete: <reason>"
    )


def test_keys_are_redacted_from_the_reason() -> None:
    message = failure(
        aiohttp.ClientConnectionError("sent Authorization: Bearer abc.def sk-1234567890")
    ).message
    assert "abc.def" not in message
    assert "1234567890" not in message


def test_the_reason_is_one_short_line() -> None:
    message = failure(aiohttp.ClientPayloadError("a\n\n  b\n" + "x" * 10_000)).message
    assert "\n" not in message
    assert len(message) < 500
