"""The transport that sends requests over the network with aiohttp."""

import contextlib
import os
import ssl
import urllib.request
from collections.abc import Callable
from functools import lru_cache

import aiohttp
import certifi
from yarl import URL

from .connection_pool import REUSED, ConnectionPool, KeepAlive, PartitionedRequest
from .failures import failure, was_dead
from .seam import BackendRequest, BackendResponse, RawHeaders

_READ = 256 * 1024
"""Bytes buffered for each connection before aiohttp stops reading from the backend."""
_KNOWN_URLS = 1024
_ADDED_BY_AIOHTTP = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
"""Headers that aiohttp adds by default. A request already has every header that should be sent."""


class AiohttpTransport:
    """Sends requests over pooled connections.

    `connect_timeout` (seconds) bounds each connection attempt. `on_unsolicited` is called when a
    backend sends data that no request asked for. The number of connections is not limited: 100,
    aiohttp's default, would queue further requests. The first request opens the session, since
    aiohttp needs a running event loop.
    """

    def __init__(
        self,
        connect_timeout: float,
        keep_alive: KeepAlive = REUSED,
        on_unsolicited: Callable[[], None] = lambda: None,
    ) -> None:
        self._connect_timeout = connect_timeout
        self._keep_alive = keep_alive
        self._on_unsolicited = on_unsolicited
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: BackendRequest) -> BackendResponse:
        """See Transport. If a reused connection turns out to be dead, the request is retried once,
        provided that its body can be sent again."""
        session = self._session
        if session is None:
            session = self._session = self._open()
        again = isinstance(request.body, bytes | None)
        try:
            try:
                return _Response(await _request(session, request))
            except aiohttp.ClientError as error:
                if not again or not was_dead(error):
                    raise
            return _Response(await _request(session, request))
        except (aiohttp.ClientError, OSError) as error:
            raise failure(error) from error

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        pool = ConnectionPool(
            self._keep_alive, self._on_unsolicited, limit=0, ssl=_trusted_authorities()
        )
        return aiohttp.ClientSession(
            connector=pool,
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=_READ,
            request_class=PartitionedRequest,
            skip_auto_headers=_ADDED_BY_AIOHTTP,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout),
            # Looking up a proxy costs time on every request, so only do it if one is configured.
            trust_env=bool(urllib.request.getproxies()),
        )


async def _request(
    session: aiohttp.ClientSession, request: BackendRequest
) -> aiohttp.ClientResponse:
    headers = request.headers
    if request.id:
        headers = [*headers, ("x-request-id", request.id)]
    return await session.request(
        request.method,
        _url(request.url),
        headers=headers,
        data=request.body or None,
        allow_redirects=False,
        auto_decompress=not request.passes_through,
    )


def _trusted_authorities() -> ssl.SSLContext:
    """Return an SSL context with the CAs in SSL_CERT_FILE or SSL_CERT_DIR, by default Mozilla's.

    The system's store is not used by default because minimal container images have none.
    """
    if file := os.environ.get("SSL_CERT_FILE"):
        return ssl.create_default_context(cafile=file)
    if folder := os.environ.get("SSL_CERT_DIR"):
        return ssl.create_default_context(capath=folder)
    return ssl.create_default_context(cafile=certifi.where())


@lru_cache(_KNOWN_URLS)
def _url(url: str) -> URL:
    return URL(url, encoded=True)


class _Response:
    """An aiohttp response as a BackendResponse."""

    __slots__ = ("_content", "_response", "headers", "reason", "status")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._content = response.content
        self.status: int = response.status
        self.reason: str = response.reason or ""
        self.headers: RawHeaders = response.raw_headers

    async def read_some(self) -> bytes:
        try:
            return await self._content.readany()
        except (aiohttp.ClientError, OSError) as error:
            raise failure(error) from error

    def close(self) -> None:
        with contextlib.suppress(aiohttp.ClientError):
            self._response.close()
