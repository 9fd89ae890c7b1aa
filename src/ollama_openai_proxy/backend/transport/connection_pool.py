"""A connection pool for aiohttp that rejects bytes which do not belong to a request.

HTTP/1.1 has no response ids: a client matches responses to requests by their order on the
connection (RFC 9112, section 9.3.2). A backend or middlebox that sends one response too many
therefore shifts every later response by one, and clients receive each other's data. aiohttp
buffers bytes that arrive on an idle connection and delivers them to the next request.

Three rules prevent this. A connection is closed if it receives anything while it is idle, if it has
unread bytes when it is taken from the pool, or if bytes follow the end of a response. After the
first such bytes, the pool opens a new connection for each request. Requests with different
credentials never share a connection.

A stray response that arrives after the next request was written cannot be detected. Only
`KeepAlive(enabled=False)` prevents it entirely; with `reuse_after`, stray responses that arrive
within that time reach nobody.
"""

import asyncio
import contextlib
import functools
import logging
import select
import socket
from collections.abc import Callable
from hashlib import blake2b
from time import monotonic
from typing import Any, Literal, NamedTuple

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest, ConnectionKey
from aiohttp.connector import Connection

from ...access.credentials import CREDENTIALS

_log = logging.getLogger(__name__)
_CREDENTIALS = sorted(name.decode() for name in CREDENTIALS)

type _Arrived = Literal["nothing", "data", "end"]


class UnsolicitedData(aiohttp.ClientConnectionError):
    """The backend sent data on a new connection before the request was written."""


class KeepAlive(NamedTuple):
    """How connections to the backend are reused; times are in seconds."""

    enabled: bool = True
    reuse_after: float = 0.0
    """A connection is reused only after it has been silent for this long."""
    reuse_within: float = 60.0
    """A connection that has been idle for longer is closed."""


REUSED = KeepAlive()
"""The default: connections are reused immediately, for up to a minute."""


class ConnectionPool(aiohttp.TCPConnector):
    """Reuses only connections on which responses are known to match requests.

    `on_unsolicited` is called each time a backend sends data that no request asked for.

    Overrides private methods of aiohttp, whose version `pyproject.toml` limits for that reason.
    """

    def __init__(
        self, keep_alive: KeepAlive, on_unsolicited: Callable[[], None], **options: Any
    ) -> None:
        if keep_alive.enabled:
            super().__init__(keepalive_timeout=keep_alive.reuse_within, **options)
        else:
            super().__init__(force_close=True, **options)
        self._reuse_after = keep_alive.reuse_after
        self._on_unsolicited = on_unsolicited
        self._reported = False
        self._factory = functools.partial(  # type: ignore[assignment]
            _Protocol, loop=self._loop, on_unsolicited=self._received_unsolicited
        )

    async def connect(  # the signature is aiohttp's
        self,
        req: ClientRequest,
        traces: Any,
        timeout: Any,  # noqa: ASYNC109
    ) -> Connection:
        """Return a connection on which nothing has arrived since its last response.

        Raises UnsolicitedData if the backend sends data first on a new connection. The caller
        writes its request before it awaits anything, so the result is still valid by then.
        """
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            assert isinstance(protocol, _Protocol)  # noqa: S101  (made by _factory)
            new = not protocol.pooled
            arrived = protocol.arrived(connection._key.is_ssl)
            if arrived == "nothing" or (arrived == "end" and new):
                return connection
            if arrived == "data" and not protocol.reported:
                self._received_unsolicited(connection._key)
            connection.close()
            if new:
                raise UnsolicitedData

    async def _get(self, key: ConnectionKey, traces: Any) -> Connection | None:
        """Return a pooled connection, or None if none has been idle for `reuse_after` seconds."""
        if self._reuse_after:
            # The pool is first in, first out: if the first one is too young, all are.
            waiting = self._conns.get(key)
            if waiting and monotonic() - waiting[0][1] < self._reuse_after:
                return None
        return await super()._get(key, traces)

    def _release(
        self, key: ConnectionKey, protocol: ResponseHandler, *, should_close: bool = False
    ) -> None:
        if isinstance(protocol, _Protocol):
            protocol.become_idle(key)
        super()._release(key, protocol, should_close=should_close)

    def _received_unsolicited(self, key: ConnectionKey | None) -> None:
        """Stop reusing connections and close the idle ones."""
        self._on_unsolicited()
        self._force_close = True
        for waiting in self._conns.values():
            for protocol, _ in waiting:
                protocol.abort()
        self._conns.clear()
        if not self._reported:
            self._reported = True
            peer = "" if key is None else f" backend={key.host}:{key.port}"
            _log.warning(
                "unsolicited_data%s: the backend sent data that no request asked for, which could "
                "reach the wrong client; from now on each request uses a new connection",
                peer,
            )


class _Protocol(ResponseHandler):
    """A connection that tracks whether a request is in progress on it."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_unsolicited: Callable[[ConnectionKey | None], None],
    ) -> None:
        super().__init__(loop)
        self._on_unsolicited = on_unsolicited
        self._idle = True
        self._key: ConnectionKey | None = None
        self._poll: Any = None
        self.pooled = False
        """Whether the connection has been used for a request before."""
        self.reported = False

    def set_response_params(self, **parameters: Any) -> None:
        """Mark the connection as busy. aiohttp calls this right before it writes a request."""
        self._idle = False
        super().set_response_params(**parameters)

    def become_idle(self, key: ConnectionKey) -> None:
        """Mark the connection as idle: the response was read to its end, or abandoned."""
        self._idle = True
        self._key = key
        self.pooled = True
        self._report_leftover()

    def data_received(self, data: bytes) -> None:
        """Parse bytes of a response, or close the connection if it is idle."""
        if self._idle and data:
            self._report()
            self.abort()
            return
        super().data_received(data)
        # The end of a response releases the connection while aiohttp still parses `data`.
        if self._idle:
            self._report_leftover()

    def arrived(self, is_ssl: bool) -> _Arrived:
        """What has arrived since the connection became idle, including the kernel's buffer."""
        if self.reported or self._buffer or self._tail:
            return "data"
        if is_ssl and not self.pooled:
            return "nothing"  # TLS 1.3 session tickets follow the handshake
        if self.transport is None or not self._has_unread_bytes():
            return "nothing"
        # Unread TLS records may be a key update or a close notification. The connection is not
        # reused, but they do not prove that the backend sent a response.
        return "end" if is_ssl else _peek(self.transport)

    def _report_leftover(self) -> None:
        if self._buffer or self._tail:
            self._report()
            self.abort()

    def _report(self) -> None:
        if not self.reported:
            self.reported = True
            self._on_unsolicited(self._key)

    def _has_unread_bytes(self) -> bool:
        if self._poll is None:
            assert self.transport is not None  # noqa: S101  (for the type checker)
            self._poll = _poller(self.transport.get_extra_info("socket").fileno())
        return bool(self._poll())


def _poller(descriptor: int) -> Callable[[], object]:
    """Return a function that reports whether `descriptor` is readable: one system call, ~1 µs."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return functools.partial(poll.poll, 0)
    return lambda: select.select([descriptor], [], [], 0)[0]  # Windows


def _peek(transport: asyncio.BaseTransport) -> _Arrived:
    """Whether the readable bytes are data or the end of the connection."""
    with contextlib.suppress(OSError):
        # uvloop's socket object does not support recv(), so peek at a duplicate.
        descriptor = transport.get_extra_info("socket").fileno()
        with socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM) as duplicate:
            return "data" if duplicate.recv(1, socket.MSG_PEEK) else "end"
    return "end"


class PartitionedRequest(ClientRequest):
    """A request that shares connections only with requests that have the same credentials."""

    @property
    def connection_key(self) -> ConnectionKey:
        """aiohttp's key, with a digest of the credentials in the field for proxy headers."""
        key = super().connection_key
        values = tuple(self.headers.get(name) for name in _CREDENTIALS)
        return key._replace(proxy_headers_hash=_digest((key.proxy_headers_hash, *values)))


@functools.lru_cache(1024)
def _digest(values: tuple[object, ...]) -> int:
    """A number that identifies `values` without revealing them: aiohttp may print the key."""
    return int.from_bytes(blake2b(repr(values).encode(), digest_size=16).digest())
