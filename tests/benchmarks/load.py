"""A light HTTP/1.1 load generator: keep-alive connections, one request at a time on each."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Self, cast

import httptools

from .canned import FIRST_TOKEN, TOKEN_MARK

_TIMEOUT = 30
"""Seconds to wait for a response, or for a batch of streams to open."""
_BATCH = 100
"""Streams that are opened at once."""
_START = 4096
"""The first token is only searched for in this many bytes, since searching long bodies is slow."""


class WrongResponse(Exception):
    def __init__(self, why: str, body: bytes) -> None:
        shown = body if len(body) <= 2000 else body[:1000] + b" ... " + body[-1000:]
        super().__init__(f"{why}: {shown!r}")


@dataclass(slots=True)
class Response:
    status: int
    body: bytes
    first_token: float | None
    """Seconds after the request was sent."""


@dataclass(frozen=True, slots=True)
class Load:
    connections: int
    seconds: float
    """Requests are sent for this long. The last responses are then awaited."""


@dataclass(slots=True)
class Outcome:
    responses: int = 0
    cpu: float = 0.0
    """CPU seconds of the server, measured by the meter."""
    first_tokens: list[float] = field(default_factory=list)


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._first_token: float | None = None
        self._pending: asyncio.Future[Response] | None = None
        self.first_token_seen = asyncio.Event()
        self.counts_tokens = False
        self.tokens = 0

    @classmethod
    async def open(cls, port: int) -> Self:
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    def close(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
        self._transport.abort()

    def send(self, request: bytes) -> asyncio.Future[Response]:
        self._pending = self._loop.create_future()
        self._sent = perf_counter()
        self._transport.write(request)
        return self._pending

    async def response(self) -> Response:
        assert self._pending is not None
        async with asyncio.timeout(_TIMEOUT):
            return await self._pending

    async def first_token(self) -> None:
        """Wait for the first token. Raises WrongResponse if the response has none."""
        await self.first_token_seen.wait()
        if not self.tokens and self._pending is not None:
            raise WrongResponse("a stream without a token", (await self._pending).body)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection was closed")

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._body += data
            self._fail(f"not HTTP ({error})")

    def on_message_begin(self) -> None:
        self._body.clear()
        self._first_token = None

    def on_body(self, body: bytes) -> None:
        starts = len(self._body) < _START
        self._body += body
        if self.counts_tokens:
            self.tokens += body.count(TOKEN_MARK)
        if self._first_token is None and starts and FIRST_TOKEN in self._body:
            self._first_token = perf_counter() - self._sent
            self.first_token_seen.set()

    def on_message_complete(self) -> None:
        if self._pending is not None and not self._pending.done():
            status = self._parser.get_status_code()
            self._pending.set_result(Response(status, bytes(self._body), self._first_token))
        self.first_token_seen.set()  # wakes `first_token()` if the response has no token

    def _fail(self, why: str) -> None:
        if self._pending is not None and not self._pending.done():
            self._pending.set_exception(WrongResponse(why, bytes(self._body)))
            self.first_token_seen.set()


type Check = Callable[[Response], None]
"""Checks a response. Raises WrongResponse."""
type Meter = Callable[[], float]
"""Returns the CPU seconds that a server has used so far."""


async def drive(port: int, request: bytes, check: Check, load: Load, meter: Meter) -> Outcome:
    """Send the request repeatedly on each connection. Connecting is not measured."""
    connections = [await Connection.open(port) for _ in range(load.connections)]
    outcome = Outcome()

    async def repeat(connection: Connection) -> None:
        while perf_counter() < end:
            response = await connection.send(request)
            check(response)
            outcome.responses += 1
            if response.first_token is not None:
                outcome.first_tokens.append(response.first_token)

    try:
        before = meter()
        end = perf_counter() + load.seconds
        async with asyncio.timeout(load.seconds + _TIMEOUT), asyncio.TaskGroup() as tasks:
            for connection in connections:
                tasks.create_task(repeat(connection))
        outcome.cpu = meter() - before
    except TimeoutError:
        raise WrongResponse(f"no response for {_TIMEOUT} s", b"") from None
    finally:
        for connection in connections:
            connection.close()
    return outcome


async def exchange(port: int, request: bytes) -> Response:
    connection = await Connection.open(port)
    try:
        connection.send(request)
        return await connection.response()
    finally:
        connection.close()


@asynccontextmanager
async def open_streams(port: int, requests: Sequence[bytes]) -> AsyncIterator[list[Connection]]:
    """Open a stream for each request and wait for its first token. Connections count tokens."""
    connections: list[Connection] = []
    try:
        try:
            async with asyncio.timeout(_TIMEOUT):
                for start in range(0, len(requests), _BATCH):
                    await _open_batch(port, requests[start : start + _BATCH], connections)
        except TimeoutError:
            begun = sum(connection.first_token_seen.is_set() for connection in connections)
            raise WrongResponse(f"{begun} of {len(requests)} streams began", b"") from None
        yield connections
    finally:
        for connection in connections:
            connection.close()


async def _open_batch(port: int, requests: Sequence[bytes], connections: list[Connection]) -> None:
    opened = []
    for request in requests:
        connection = await Connection.open(port)
        connections.append(connection)
        opened.append(connection)
        connection.counts_tokens = True
        connection.send(request)
    for connection in opened:
        await connection.first_token()
