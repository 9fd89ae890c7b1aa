"""A light HTTP/1.1 load generator: keep-alive connections, one request at a time on each."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Self, cast

import httptools

from .canned import FIRST_TOKEN

_PATIENCE = 20


class WrongAnswer(Exception):
    def __init__(self, why: str, body: bytes) -> None:
        shown = body if len(body) <= 2000 else body[:1000] + b" ... " + body[-1000:]
        super().__init__(f"{why}: {shown!r}")


@dataclass(slots=True)
class Answer:
    status: int
    body: bytes
    first_token: float | None
    """Seconds after the request was sent."""


@dataclass(frozen=True, slots=True)
class Load:
    connections: int
    seconds: float
    """No request is sent later than this; those under way are waited for."""
    stagger: float = 0.0
    """Seconds between the first requests of two connections."""


@dataclass(slots=True)
class Outcome:
    answers: int
    seconds: float
    first_tokens: list[float]


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._first_token: float | None = None
        self._pending: asyncio.Future[Answer] | None = None
        self.first_token_seen = asyncio.Event()

    @classmethod
    async def open(cls, port: int) -> Self:
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    def close(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
        self._transport.abort()

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        self._pending = self._loop.create_future()
        self._sent = perf_counter()
        self._transport.write(request)
        return self._pending

    async def answer(self) -> Answer:
        assert self._pending is not None
        async with asyncio.timeout(_PATIENCE):
            return await self._pending

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
        begins = len(self._body) < 4096  # an embedding is not to be searched again and again
        self._body += body
        if self._first_token is None and begins and FIRST_TOKEN in self._body:
            self._first_token = perf_counter() - self._sent
            self.first_token_seen.set()

    def on_message_complete(self) -> None:
        if self._pending is not None and not self._pending.done():
            status = self._parser.get_status_code()
            self._pending.set_result(Answer(status, bytes(self._body), self._first_token))

    def _fail(self, why: str) -> None:
        if self._pending is not None and not self._pending.done():
            self._pending.set_exception(WrongAnswer(why, bytes(self._body)))


async def drive(port: int, request: bytes, check: Callable[[Answer], None], load: Load) -> Outcome:
    connections = [await Connection.open(port) for _ in range(load.connections)]
    outcome = Outcome(0, 0.0, [])
    begin = perf_counter()

    async def repeat(connection: Connection, delay: float) -> None:
        await asyncio.sleep(delay)
        while perf_counter() - begin < load.seconds:
            answer = await connection.send(request)
            check(answer)
            outcome.answers += 1
            if answer.first_token is not None:
                outcome.first_tokens.append(answer.first_token)

    try:
        async with asyncio.timeout(load.seconds + _PATIENCE), asyncio.TaskGroup() as tasks:
            for index, connection in enumerate(connections):
                tasks.create_task(repeat(connection, index * load.stagger))
        outcome.seconds = perf_counter() - begin
    except TimeoutError:
        raise WrongAnswer(f"none for {_PATIENCE} seconds", b"") from None
    finally:
        for connection in connections:
            connection.close()
    return outcome


async def exchange(port: int, request: bytes) -> Answer:
    connection = await Connection.open(port)
    try:
        connection.send(request)
        return await connection.answer()
    finally:
        connection.close()


async def open_streams(port: int, request: bytes, number: int) -> list[Connection]:
    """Streams that have brought their first token; the caller closes them."""
    connections = [await Connection.open(port) for _ in range(number)]
    try:
        for connection in connections:
            connection.send(request)
        async with asyncio.timeout(_PATIENCE):
            for connection in connections:
                await connection.first_token_seen.wait()
    except TimeoutError:
        begun = sum(connection.first_token_seen.is_set() for connection in connections)
        for connection in connections:
            connection.close()
        raise WrongAnswer(f"only {begun} of {number} streams began", b"") from None
    return connections
