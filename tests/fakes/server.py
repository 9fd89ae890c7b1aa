"""A backend on a real socket that follows a script of bytes, pauses and disconnects."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any

import msgspec

from .recorder import Exchange
from .transport import MODELS


class Pause(Enum):
    """A pause that lasts until the client closes the connection."""

    FOREVER = "forever"


FOREVER = Pause.FOREVER

type Step = bytes | asyncio.Event | Pause | None
"""Bytes to send; an event to wait for, or FOREVER; None to close the connection."""

_LIST = msgspec.json.encode(MODELS)
_MODELS = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
    len(_LIST),
    _LIST,
)
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def stream(*steps: Step) -> list[Step]:
    """A script that sends the head of an event stream, then each `bytes` step as one chunk."""
    return [_HEAD, *(_framed(step) for step in steps)]


def _framed(step: Step) -> Step:
    return b"%x\r\n%s\r\n" % (len(step), step) if isinstance(step, bytes) else step


END = b"0\r\n\r\n"


class ScriptedServer:
    """Follows a script for each POST, and records what clients do.

    `requests` are raw, `asked` is set by the first POST, `closed` when a client closes a
    connection, and `connections` counts the accepted ones.
    """

    def __init__(self, script: Callable[[bytes], list[Step]]) -> None:
        self._script = script
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()
        self.connections = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                body = await reader.readexactly(length)
                self.requests.append(head + body)
                exchange = Exchange(head, body)
                if head.startswith(b"GET"):
                    exchange.played([_MODELS])
                    writer.write(_MODELS)
                    continue
                self.asked.set()
                script = self._script(body)
                exchange.played(script)
                await self._play(script, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()
        finally:
            writer.close()

    async def _play(
        self, script: list[Step], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for step in script:
            if step is None:
                writer.transport.abort()
                raise ConnectionResetError
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
                continue
            await self._pause(step, reader)

    async def _pause(self, step: asyncio.Event | Pause, reader: asyncio.StreamReader) -> None:
        """Wait for the event; raise ConnectionResetError if the client disconnects first."""
        closing = asyncio.ensure_future(reader.read(1))
        waits: list[asyncio.Future[Any]] = [closing]
        if isinstance(step, asyncio.Event):
            waits.append(asyncio.ensure_future(step.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if closing.done() and not closing.result():
                raise ConnectionResetError
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


@asynccontextmanager
async def scripted(script: Callable[[bytes], list[Step]]) -> AsyncGenerator[ScriptedServer]:
    """Run a server that follows `script(body)` for each POST and returns the model list for GET."""
    server = ScriptedServer(script)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        listening.close()
