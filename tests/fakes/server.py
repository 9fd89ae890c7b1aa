"""A backend on a real socket that plays a script of bytes, pauses and ends."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import msgspec

from .recorder import Exchange
from .transport import MODELS

type Step = bytes | float | None
"""Bytes to send; seconds to wait; None to break the connection off."""

_LIST = msgspec.json.encode(MODELS)
_MODELS = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
    len(_LIST),
    _LIST,
)
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def stream(*steps: Step) -> list[Step]:
    """A script: the head of a stream, then each run of bytes as a chunk of the body."""
    return [_HEAD, *(_framed(step) for step in steps)]


def _framed(step: Step) -> Step:
    return b"%x\r\n%s\r\n" % (len(step), step) if isinstance(step, bytes) else step


END = b"0\r\n\r\n"


class ScriptedServer:
    """What happened: `requests` as read, `closed` set whenever a client closes a connection,
    `connections` counted."""

    def __init__(self, script: Callable[[bytes], list[Step]]) -> None:
        self._script = script
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()
        self.closed_at = 0.0
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
            self._note()
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
            try:  # wait, but notice when the client closes
                data = await asyncio.wait_for(reader.read(1), step)
            except TimeoutError:
                continue
            if not data:
                raise ConnectionResetError

    def _note(self) -> None:
        self.closed_at = asyncio.get_running_loop().time()
        self.closed.set()


@asynccontextmanager
async def scripted(script: Callable[[bytes], list[Step]]) -> AsyncGenerator[ScriptedServer]:
    """Plays `script(body)` to every POST and the model list to every GET."""
    server = ScriptedServer(script)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        listening.close()
