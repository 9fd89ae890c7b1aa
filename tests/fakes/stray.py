"""A backend on a real socket that sends responses without a request."""

import asyncio
import fcntl
import json
import struct
import termios
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import msgspec

from .recorder import Exchange
from .transport import MODELS, completion

STRAY = "stray"
"""The text of each unsolicited response."""


def response(text: str) -> bytes:
    """A chat completion with its HTTP head."""
    return document(msgspec.json.encode(completion(text)))


def document(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


class StrayConnection(asyncio.Protocol):
    """A connection to a client. Responds to each chat with the text of its last message."""

    def __init__(self, backend: "StrayBackend") -> None:
        self._backend = backend
        self._received = b""
        self.keys: set[bytes] = set()
        """The Authorization header lines received on this connection."""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._backend.connections.append(self)
        self._backend.accepted += 1
        if self._backend.greeting:
            transport.write(self._backend.greeting)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        while self._take_request():
            pass

    def _take_request(self) -> bool:
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return False
        lines = head.lower().split(b"\r\n")
        length = next((int(x[15:]) for x in lines if x.startswith(b"content-length:")), 0)
        if len(rest) < length:
            return False
        self._received = rest[length:]
        self.keys |= {line for line in lines if line.startswith(b"authorization:")}
        exchange = Exchange(head + end, rest[:length])
        if head.startswith(b"GET"):
            parts = [document(msgspec.json.encode(MODELS))]
        else:
            parts = self._backend.respond(json.loads(rest[:length])["messages"][-1]["content"])
        exchange.played(parts[:1])  # the other parts are unsolicited
        for part in parts:
            self.write(part)
        if head.startswith(b"POST"):
            self._backend.responded(self)
        return True

    def write(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def send_stray(self, data: bytes) -> bool:
        """Send `data` unless part of a request is waiting to be read; return whether it was sent.

        Client and backend share one thread, so nothing can be written between check and send.
        """
        if self.transport is None or self._received or _unread(self.transport):
            return False
        self.transport.write(data)
        return True


def _unread(transport: asyncio.Transport) -> int:
    """Number of unread bytes in the kernel's receive buffer."""
    number: int = struct.unpack(
        "i", fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.FIONREAD, b"\0" * 4)
    )[0]
    return number


class StrayBackend:
    """Records its connections. `greeting` is sent on every new one.

    `respond` turns the text of a request into the parts of the response; any part after the first
    is unsolicited. `responded` is called after each response.
    """

    def __init__(self) -> None:
        self.url = ""
        self.greeting = b""
        self.accepted = 0
        self.connections: list[StrayConnection] = []
        self.respond: Callable[[str], list[bytes]] = lambda text: [response(text)]
        self.responded: Callable[[StrayConnection], None] = lambda _: None

    def send_strays(self, data: bytes = response(STRAY)) -> int:
        """Send `data` on every idle connection; return the number of these connections."""
        return sum(one.send_stray(data) for one in self.connections)

    def close_all(self) -> None:
        for one in self.connections:
            if one.transport is not None:
                one.transport.close()

    def keys_by_connection(self) -> list[set[bytes]]:
        return [one.keys for one in self.connections]


@asynccontextmanager
async def stray_backend() -> AsyncGenerator[StrayBackend]:
    """Run a backend on a free port of 127.0.0.1."""
    backend = StrayBackend()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: StrayConnection(backend), "127.0.0.1", 0)
    backend.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield backend
    finally:
        server.close()
        backend.close_all()
