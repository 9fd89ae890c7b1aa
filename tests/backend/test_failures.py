"""Everything that can go wrong between us and the backend is one of our errors."""

from collections.abc import Iterator
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp.client_reqrep import ConnectionKey
from yarl import URL

from ollama_openai_proxy.backend.failures import failure, mapped
from ollama_openai_proxy.errors import (
    BackendTimeout,
    BackendUnreachable,
    BackendViolation,
    ProxyError,
)

HTTPX: dict[str, type[ProxyError]] = {
    "CloseError": BackendUnreachable,
    "ConnectError": BackendUnreachable,
    "ConnectTimeout": BackendTimeout,
    "DecodingError": BackendViolation,
    "HTTPError": BackendUnreachable,
    "HTTPStatusError": BackendUnreachable,
    "InvalidURL": BackendUnreachable,
    "LocalProtocolError": BackendUnreachable,
    "NetworkError": BackendUnreachable,
    "PoolTimeout": BackendTimeout,
    "ProtocolError": BackendUnreachable,
    "ProxyError": BackendUnreachable,
    "ReadError": BackendUnreachable,
    "ReadTimeout": BackendTimeout,
    "RemoteProtocolError": BackendViolation,
    "RequestError": BackendUnreachable,
    "RequestNotRead": BackendUnreachable,
    "ResponseNotRead": BackendUnreachable,
    "StreamClosed": BackendUnreachable,
    "StreamConsumed": BackendUnreachable,
    "StreamError": BackendUnreachable,
    "TimeoutException": BackendTimeout,
    "TooManyRedirects": BackendViolation,
    "TransportError": BackendUnreachable,
    "UnsupportedProtocol": BackendUnreachable,
    "WriteError": BackendUnreachable,
    "WriteTimeout": BackendTimeout,
}

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
    (httpx.StreamConsumed, ()),
    (httpx.StreamClosed, ()),
    (httpx.ResponseNotRead, ()),
    (httpx.RequestNotRead, ()),
)


def walk(*bases: type[Exception]) -> Iterator[type[Exception]]:
    for base in bases:
        if base.__module__.split(".")[0] in ("httpx", "aiohttp"):
            yield base
        yield from walk(*base.__subclasses__())


def raised(error: type[Exception]) -> Exception:
    if error is httpx.HTTPStatusError:
        request = httpx.Request("GET", "http://backend.test")
        return httpx.HTTPStatusError("boom", request=request, response=httpx.Response(500))
    for known, arguments in _ARGUMENTS:
        if issubclass(error, known):
            return error(*arguments)
    return error("boom")


OF_HTTPX = sorted(
    set(walk(httpx.HTTPError, httpx.StreamError, httpx.InvalidURL)), key=lambda e: e.__name__
)
OF_AIOHTTP = sorted(set(walk(aiohttp.ClientError)), key=lambda e: e.__name__)


def test_the_tables_above_have_every_exception_of_both_libraries() -> None:
    assert [error.__name__ for error in OF_HTTPX] == sorted(HTTPX)
    assert [error.__name__ for error in OF_AIOHTTP] == sorted(AIOHTTP)


@pytest.mark.parametrize("error", OF_HTTPX, ids=lambda error: error.__name__)
def test_every_exception_of_httpx_is_an_error_of_ours(error: type[Exception]) -> None:
    with pytest.raises(ProxyError) as caught, mapped():
        raise raised(error)
    assert type(caught.value) is HTTPX[error.__name__]
    assert "backend" in caught.value.message


@pytest.mark.parametrize("error", OF_AIOHTTP, ids=lambda error: error.__name__)
def test_every_exception_of_aiohttp_is_an_error_of_ours(error: type[Exception]) -> None:
    with pytest.raises(ProxyError) as caught, mapped():
        raise raised(error)
    ours, word = AIOHTTP[error.__name__]
    assert type(caught.value) is ours
    assert word in caught.value.message
    assert "backend" in caught.value.message


@pytest.mark.parametrize("error", OF_AIOHTTP, ids=lambda error: error.__name__)
def test_the_cause_tells_more_than_the_transports_own_exception(error: type[Exception]) -> None:
    wrapped = httpx.ConnectTimeout("boom")
    wrapped.__cause__ = raised(error)
    assert type(failure(wrapped)) is AIOHTTP[error.__name__][0]


def test_a_refused_connection_tells_where_and_why() -> None:
    message = failure(raised(aiohttp.ClientConnectorError)).message
    assert message == "cannot reach the backend: backend.test:8080: Connection refused"


def test_a_reason_has_no_key_in_it() -> None:
    message = failure(httpx.ReadError("sent Authorization: Bearer abc.def sk-1234567890")).message
    assert "abc.def" not in message
    assert "1234567890" not in message


def test_a_reason_is_one_short_line() -> None:
    message = failure(httpx.RemoteProtocolError("a\n\n  b\n" + "x" * 10_000)).message
    assert "\n" not in message
    assert len(message) < 500
