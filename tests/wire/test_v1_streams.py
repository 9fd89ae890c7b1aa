"""Forwarded streams and uploads on real sockets: latency, interruptions and disconnects."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest

from ollama_openai_proxy.config.settings import read_settings
from tests.fakes.clock import loop_clock, passes
from tests.fakes.limits import HANG
from tests.fakes.raw import connected
from tests.fakes.recorder import Exchange
from tests.fakes.server import END, FOREVER, ScriptedServer, Step, scripted, stream
from tests.fakes.service import running
from tests.fakes.transport import chunk, events

BODY = b'{"model":"gpt-4o","stream":true}'
HELLO = events(chunk("Hello"), done=False)
POST = "POST %s HTTP/1.1\r\nhost: localhost\r\n"
PATHS = ["/v1/chat/completions", "/v1/responses", "/v1/messages"]
PLAIN = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n"

type Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def requesting(server: ScriptedServer, path: str) -> AsyncGenerator[Connection]:
    """Send a request to a service whose backend is `server`; yield the client connection."""
    async with (
        running(read_settings(backend_url=server.url)) as url,
        connected(url) as (reader, writer),
    ):
        head = POST % path + f"content-length: {len(BODY)}\r\n\r\n"
        writer.write(head.encode() + BODY)
        yield reader, writer


@pytest.mark.parametrize("path", PATHS)
async def test_an_event_arrives_before_the_next_one_is_sent(path: str) -> None:
    async with (
        scripted(lambda _: stream(HELLO, FOREVER)) as server,
        requesting(server, path) as (reader, _),
    ):
        await asyncio.wait_for(reader.readuntil(HELLO), HANG)
        assert not server.closed.is_set()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("script", "seen"),
    [
        pytest.param([FOREVER], b"", id="before-the-head"),
        pytest.param(stream(HELLO, FOREVER), HELLO, id="mid-stream"),
    ],
)
async def test_a_client_disconnect_closes_the_backend_connection_without_a_timer(
    path: str, script: list[Step], seen: bytes
) -> None:
    async with scripted(lambda _: script) as server, requesting(server, path) as (reader, writer):
        await asyncio.wait_for(server.asked.wait(), HANG)
        await asyncio.wait_for(reader.readuntil(seen) if seen else passes(), HANG)
        with loop_clock():
            writer.transport.abort()
            await asyncio.wait_for(server.closed.wait(), HANG)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(stream(HELLO, b'data: {"half', None), id="inside-an-event"),
        pytest.param([PLAIN, b'{"a":', None], id="inside-a-document"),
    ],
)
async def test_an_interrupted_response_is_not_ended_as_if_complete(script: list[Step]) -> None:
    async with (
        scripted(lambda _: script) as server,
        running(read_settings(backend_url=server.url)) as url,
        httpx.AsyncClient(base_url=url, timeout=HANG) as client,
    ):
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/v1/chat/completions", content=BODY)


async def test_a_stream_interrupted_between_events_ends_with_an_error_event() -> None:
    arrived = asyncio.Event()
    async with (
        scripted(lambda _: stream(HELLO, arrived, None)) as server,
        running(read_settings(backend_url=server.url)) as url,
        httpx.AsyncClient(base_url=url, timeout=HANG) as client,
        client.stream("POST", "/v1/chat/completions", content=BODY) as response,
    ):
        content = b""
        async for piece in response.aiter_raw():
            content += piece
            if content == HELLO:
                arrived.set()
    assert content.startswith(HELLO + b'data: {"error":{"message":"')
    assert content.endswith(b',"type":"api_error","param":null,"code":null}}\n\n')


async def test_the_backend_connection_is_reused() -> None:
    script = [*stream(HELLO), END]
    async with (
        scripted(lambda _: script) as server,
        running(read_settings(backend_url=server.url)) as url,
        httpx.AsyncClient(base_url=url, timeout=HANG) as client,
    ):
        for _ in range(3):
            assert (await client.post("/v1/responses", content=BODY)).content == HELLO
        assert server.connections == 1


class Listener:
    """A backend that exposes its raw input, and responds once `released` is set."""

    def __init__(self) -> None:
        self.reader = asyncio.get_running_loop().create_future()
        self.released = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader.set_result(reader)
        await self.released.wait()
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nwords"
        )
        writer.close()


@asynccontextmanager
async def uploading(head: str) -> AsyncGenerator[tuple[Listener, asyncio.StreamReader, Connection]]:
    """Send the head and first bytes of an upload; yield the backend, its input and the client."""
    listener = Listener()
    async with await asyncio.start_server(listener.serve, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        async with running(read_settings(backend_url=url)) as service:
            # The first request is for the model list, at startup. The upload is the second one.
            first = await asyncio.wait_for(listener.reader, HANG)
            Exchange(await first.readuntil(b"\r\n\r\n"), b"")
            listener.reader = asyncio.get_running_loop().create_future()
            async with connected(service) as connection:
                writer = connection[1]
                writer.write((POST % "/v1/audio/transcriptions" + head).encode())
                writer.write(b"FIRST")
                upstream = await asyncio.wait_for(listener.reader, HANG)
                try:
                    yield listener, upstream, connection
                finally:
                    listener.released.set()


TYPE = "content-type: multipart/form-data; boundary=abc"


async def test_an_upload_is_forwarded_while_it_arrives() -> None:
    async with uploading(f"{TYPE}\r\ncontent-length: 9\r\n\r\n") as (listener, upstream, client):
        sent = await asyncio.wait_for(upstream.readuntil(b"\r\n\r\n"), HANG)
        Exchange(sent, None)
        head = sent.lower()
        assert head.startswith(b"post /v1/audio/transcriptions ")
        assert TYPE.encode() in head
        assert b"content-length: 9\r\n" in head
        assert b"transfer-encoding" not in head
        assert await asyncio.wait_for(upstream.readexactly(5), HANG) == b"FIRST"
        client[1].write(b"LAST")
        assert await asyncio.wait_for(upstream.readexactly(4), HANG) == b"LAST"
        listener.released.set()
        assert b"200 OK" in await asyncio.wait_for(client[0].readuntil(b"words"), HANG)


async def test_an_upload_of_unknown_length_is_forwarded_in_chunks() -> None:
    head = f"{TYPE}\r\ntransfer-encoding: chunked\r\n\r\n5\r\n"
    async with uploading(head) as (listener, upstream, client):
        reaches = (await asyncio.wait_for(upstream.readuntil(b"FIRST"), HANG)).lower()
        assert b"transfer-encoding: chunked" in reaches
        assert b"content-length" not in reaches
        client[1].write(b"\r\n0\r\n\r\n")
        assert await asyncio.wait_for(upstream.readuntil(b"0\r\n\r\n"), HANG)
        listener.released.set()
        await asyncio.wait_for(client[0].readuntil(b"words"), HANG)


async def test_an_upload_is_cancelled_when_the_client_disconnects() -> None:
    async with uploading(f"{TYPE}\r\ncontent-length: 9\r\n\r\n") as (_, upstream, client):
        await asyncio.wait_for(upstream.readuntil(b"FIRST"), HANG)
        client[1].transport.abort()
        assert await asyncio.wait_for(upstream.read(), HANG) == b""
