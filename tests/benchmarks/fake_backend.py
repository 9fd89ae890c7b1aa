"""An OpenAI-compatible backend that costs next to nothing: canned answers on a bare protocol.

The prompt says how a stream is sent: `tokens=200`, `pace=5` (milliseconds between two tokens;
0 is a burst), `hold=30` (silence after the first token, for 30 seconds or until a request to
`/release`).
"""

import argparse
import asyncio
import itertools
import re
from collections.abc import Iterator
from functools import cache
from typing import ClassVar, cast

import httptools
import uvloop

from . import canned

_STREAM = re.compile(rb'"stream"\s*:\s*true')
_BASE64 = re.compile(rb'"encoding_format"\s*:\s*"base64"')
_WISH = re.compile(rb"\b(tokens|pace|hold)=(\d+)")
_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
_STREAM_END = b"0\r\n\r\n"
_SLOTS = itertools.cycle(range(5))  # spreads paced streams that began together


def _whole(status: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % (status, len(body)) + body


_MODELS = _whole(b"200 OK", canned.models())
_COMPLETION = _whole(b"200 OK", canned.completion())
_FLOATS = _whole(b"200 OK", canned.embeddings("float"))
_BASE64_FLOATS = _whole(b"200 OK", canned.embeddings("base64"))
_RELEASED = _whole(b"200 OK", b"{}")
_NOT_FOUND = _whole(b"404 Not Found", b'{"error":{"message":"no such path","type":"not_found"}}')


@cache
def _pieces(tokens: int) -> tuple[bytes, ...]:
    """What a paced stream writes at a time: the first token, each further one, the end."""
    chunks = [b"%x\r\n%s\r\n" % (len(event), event) for event in canned.events(tokens)]
    first = _STREAM_HEAD + b"".join(chunks[:2])
    end = b"".join(chunks[tokens + 1 :]) + _STREAM_END
    return (first, *chunks[2 : tokens + 1], end)


@cache
def _burst(tokens: int) -> bytes:
    return b"".join(_pieces(tokens))


class Backend(asyncio.Protocol):
    held: ClassVar[set["Backend"]] = set()

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body = b""
        self._timer: asyncio.TimerHandle | None = None
        self._rest: Iterator[bytes] = iter(())
        self._pace = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.held.discard(self)
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_message_begin(self) -> None:
        self._url = self._body = b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._url == b"/v1/chat/completions":
            if _STREAM.search(self._body):
                self._stream()
            else:
                self._transport.write(_COMPLETION)
        elif self._url == b"/v1/embeddings":
            self._transport.write(_BASE64_FLOATS if _BASE64.search(self._body) else _FLOATS)
        elif self._url == b"/release":
            for stream in tuple(self.held):
                stream.release()
            self._transport.write(_RELEASED)
        else:
            self._transport.write(_MODELS if self._url == b"/v1/models" else _NOT_FOUND)

    def _stream(self) -> None:
        wishes = {name: int(number) for name, number in _WISH.findall(self._body)}
        tokens = wishes.get(b"tokens", 200)
        pace, hold = wishes.get(b"pace", 0), wishes.get(b"hold", 0)
        if not pace and not hold:
            self._transport.write(_burst(tokens))
            return
        first, *rest = _pieces(tokens)
        self._transport.write(first)
        self._rest = iter(rest)
        self._pace = pace / 1000
        if hold:
            self.held.add(self)
            self._timer = self._loop.call_later(hold, self.release)
        else:
            self._timer = self._loop.call_later((pace + next(_SLOTS)) / 1000, self._next)

    def release(self) -> None:
        self.held.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        self._next()

    def _next(self) -> None:
        piece = next(self._rest, None)
        if piece is not None:
            self._transport.write(piece)
            self._timer = self._loop.call_later(self._pace, self._next)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(
        Backend, "127.0.0.1", port, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: one that is free, which is printed")
    uvloop.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
