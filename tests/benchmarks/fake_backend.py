"""An OpenAI-compatible backend that uses almost no CPU: canned responses on a bare protocol.

Words in the prompt control the response:

- `tokens=200`: length of a stream
- `pace=50`: milliseconds between two tokens; without `pace`, all tokens are sent at once
- `phase=12`: offset of the tokens within the pace in milliseconds, so that the tokens of many
  streams are spread evenly
- `hold=30`: the stream continues until a request to `/release`, or for 30 seconds. With `pace` it
  sends tokens continuously, otherwise only the first one.
- `bytes=500000`: a shorter request body is rejected with 400
"""

import argparse
import asyncio
import re
import ssl
from functools import cache
from typing import ClassVar, cast

import httptools
import uvloop

from . import canned

_BASE64 = re.compile(rb'"encoding_format"\s*:\s*"base64"')
_CONTROL = re.compile(rb"\b(tokens|pace|phase|hold)=(\d+)")
_BYTES = re.compile(rb"bytes=(\d+)")
_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
_STREAM_END = b"0\r\n\r\n"


def _whole(status: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % (status, len(body)) + body


def _error(status: bytes, message: bytes) -> bytes:
    return _whole(status, b'{"error":{"message":"%s","type":"invalid_request_error"}}' % message)


_COMPLETION = _whole(b"200 OK", canned.completion())
_RELEASED = _whole(b"200 OK", b"{}")
_NOT_FOUND = _error(b"404 Not Found", b"no such path")
_TOO_SHORT = _error(b"400 Bad Request", b"the request body is shorter than it was sent")


@cache
def _embeddings(model: str, encoding: str) -> bytes:
    return _whole(b"200 OK", canned.embeddings(model, encoding))


def _chunk(event: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(event), event)


@cache
def _first() -> bytes:
    return _STREAM_HEAD + _chunk(canned.ROLE) + _token(0)


@cache
def _token(index: int) -> bytes:
    return _chunk(canned.token_event(index))


@cache
def _end(tokens: int) -> bytes:
    return b"".join(map(_chunk, canned.end_events(tokens))) + _STREAM_END


@cache
def _burst(tokens: int) -> bytes:
    return _first() + b"".join(map(_token, range(1, tokens))) + _end(tokens)


class Backend(asyncio.Protocol):
    models: ClassVar[bytes] = b""
    held: ClassVar[set["Backend"]] = set()

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._tokens: int | None = None
        self._sent = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_message_begin(self) -> None:
        self._url = b""
        self._body.clear()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._url == b"/v1/chat/completions":
            self._chat()
        elif self._url == b"/v1/embeddings":
            unscaled = canned.UNSCALED_MODEL.encode() in self._body
            model = canned.UNSCALED_MODEL if unscaled else canned.MODEL
            encoding = "base64" if _BASE64.search(self._body) else "float"
            self._transport.write(_embeddings(model, encoding))
        elif self._url == b"/release":
            for stream in tuple(self.held):
                stream.finish()
            self._transport.write(_RELEASED)
        else:
            self._transport.write(self.models if self._url == b"/v1/models" else _NOT_FOUND)

    def _chat(self) -> None:
        body = self._body
        # `in` instead of a pattern: some bodies have half a megabyte.
        if b'"stream":true' in body or b'"stream": true' in body:
            self._stream({name: int(number) for name, number in _CONTROL.findall(body)})
            return
        least = _BYTES.search(body) if b"bytes=" in body else None
        short = least is not None and len(body) < int(least[1])
        self._transport.write(_TOO_SHORT if short else _COMPLETION)

    def _stream(self, controls: dict[bytes, int]) -> None:
        tokens = controls.get(b"tokens", 200)
        pace, hold = controls.get(b"pace", 0), controls.get(b"hold", 0)
        if not pace and not hold:
            self._transport.write(_burst(tokens))
            return
        self._transport.write(_first())
        self._sent = 1
        if hold:
            self.held.add(self)
            self._limit = self._loop.call_later(hold, self.finish)
        if pace:
            self._tokens = None if hold else tokens
            self._pace = pace / 1000
            now = self._loop.time()
            self._due = now + self._pace
            if b"phase" in controls:
                self._due += controls[b"phase"] / 1000 - now % self._pace
            self._timer = self._loop.call_at(self._due, self._next)

    def _next(self) -> None:
        if self._sent == self._tokens:
            self.finish()
            return
        self._transport.write(_token(self._sent))
        self._sent += 1
        # From the due time, not from now: a late token must not slow the stream down.
        self._due += self._pace
        self._timer = self._loop.call_at(self._due, self._next)

    def finish(self) -> None:
        self._stop()
        self._transport.write(_end(self._sent))

    def _stop(self) -> None:
        self.held.discard(self)
        for timer in (self._timer, self._limit):
            if timer is not None:
                timer.cancel()


async def serve(port: int, context: ssl.SSLContext | None) -> None:
    for model in (canned.MODEL, canned.UNSCALED_MODEL):
        _embeddings(model, "float")
    server = await asyncio.get_running_loop().create_server(
        Backend, "127.0.0.1", port, backlog=4096, ssl=context
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: a free port, which is printed")
    parser.add_argument("--models", type=int, default=2, help="number of models in the list")
    parser.add_argument("--certificate", help="PEM file with key and certificates, for HTTPS")
    options = parser.parse_args()
    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate)
    Backend.models = _whole(b"200 OK", canned.models(options.models))
    uvloop.run(serve(options.port, context))


if __name__ == "__main__":
    main()
