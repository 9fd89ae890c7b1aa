"""Bytes that pass through on real sockets: when they arrive, and how they end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest

from ollama_openai_proxy.settings import read_settings
from tests.fakes.raw import connected
from tests.fakes.recorder import Exchange
from tests.fakes.server import END, ScriptedServer, Step, scripted, stream
from tests.fakes.service import running
from tests.fakes.transport import chunk, events

BODY = b'{"model":"gpt-4o","stream":true}'
HELLO = events(chunk("Hello"), done=False)
POST = "POST %s HTTP/1.1\r\nhost: localhost\r\n"
TRIES = 3  # two cores, and others at work on them
AT_ONCE = 0.1  # seconds
PATHS = ["/v1/chat/completions", "/v1/responses", "/v1/messages"]
PLAIN = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n"

type Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def asked(server: ScriptedServer, path: str) -> AsyncGenerator[Connection]:
    """A connection to a service on `server`, which has sent a request."""
    async with (
        running(read_settings(backend_url=server.url)) as url,
        connected(url) as (reader, writer),
    ):
        head = POST % path + f"content-length: {len(BODY)}\r\n\r\n"
        writer.write(head.encode() + BODY)
        yield reader, writer


@pytest.mark.parametrize("path", PATHS)
async def test_an_event_arrives_while_the_next_is_not_yet_made(path: str) -> None:
    async with (
        scripted(lambda _: stream(HELLO, 30.0)) as server,
        asked(server, path) as (reader, _),
    ):
        await asyncio.wait_for(reader.readuntil(HELLO), 5)
        assert not server.closed.is_set()


async def seconds_to_let_go(path: str, script: list[Step], seen: bytes) -> float:
    """From when a client that has `seen` this leaves, to when the backend is let go."""
    async with scripted(lambda _: script) as server, asked(server, path) as (reader, writer):
        await asyncio.wait_for(server.asked.wait(), 5)
        if seen:
            await asyncio.wait_for(reader.readuntil(seen), 5)
        else:
            await asyncio.sleep(0.05)
        left = asyncio.get_running_loop().time()
        writer.transport.abort()
        await asyncio.wait_for(server.closed.wait(), 5)
        return server.closed_at - left


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("script", "seen"),
    [
        pytest.param([30.0], b"", id="before-the-head"),
        pytest.param(stream(HELLO, 30.0), HELLO, id="mid-stream"),
    ],
)
async def test_a_client_that_leaves_frees_the_backend_within_a_tenth_of_a_second(
    path: str, script: list[Step], seen: bytes
) -> None:
    taken: list[float] = []
    while len(taken) < TRIES and not any(seconds < AT_ONCE for seconds in taken):
        taken.append(await seconds_to_let_go(path, script, seen))
    assert min(taken) < AT_ONCE


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(stream(HELLO, b'data: {"half', 0.05, None), id="events-in-the-middle-of-one"),
        pytest.param([PLAIN, b'{"a":', 0.05, None], id="a-document"),
    ],
)
async def test_what_breaks_off_is_not_ended_as_if_it_were_whole(script: list[Step]) -> None:
    async with (
        scripted(lambda _: script) as server,
        running(read_settings(backend_url=server.url)) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/v1/chat/completions", content=BODY)


async def test_events_that_break_off_between_two_end_with_one_that_says_so() -> None:
    async with (
        scripted(lambda _: stream(HELLO, 0.05, None)) as server,
        running(read_settings(backend_url=server.url)) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        response = await client.post("/v1/chat/completions", content=BODY)
    assert response.content.startswith(HELLO + b'data: {"error":{"message":"')
    assert response.content.endswith(b',"type":"api_error","param":null,"code":null}}\n\n')


async def test_a_kept_connection_serves_the_next_request() -> None:
    script = [*stream(HELLO), END]
    async with (
        scripted(lambda _: script) as server,
        running(read_settings(backend_url=server.url)) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        for _ in range(3):
            assert (await client.post("/v1/responses", content=BODY)).content == HELLO
        assert server.connections == 1


class Listener:
    """A backend that shows what it has been sent, and answers when told to."""

    def __init__(self) -> None:
        self.reader = asyncio.get_running_loop().create_future()
        self.answers = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader.set_result(reader)
        await self.answers.wait()
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nwords"
        )
        writer.close()


@asynccontextmanager
async def uploading(head: str) -> AsyncGenerator[tuple[Listener, asyncio.StreamReader, Connection]]:
    """A backend, what it reads, and a client that has sent the head of an upload."""
    listener = Listener()
    async with await asyncio.start_server(listener.serve, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        async with running(read_settings(backend_url=url)) as service:
            # The greeting asks for the models; the upload is the second request.
            first = await asyncio.wait_for(listener.reader, 5)
            Exchange(await first.readuntil(b"\r\n\r\n"), b"")
            listener.reader = asyncio.get_running_loop().create_future()
            async with connected(service) as connection:
                writer = connection[1]
                writer.write((POST % "/v1/audio/transcriptions" + head).encode())
                writer.write(b"FIRST")
                upstream = await asyncio.wait_for(listener.reader, 5)
                try:
                    yield listener, upstream, connection
                finally:
                    listener.answers.set()


TYPE = "content-type: multipart/form-data; boundary=abc"


async def test_an_upload_reaches_the_backend_while_it_comes() -> None:
    async with uploading(f"{TYPE}\r\ncontent-length: 9\r\n\r\n") as (listener, upstream, client):
        sent = await asyncio.wait_for(upstream.readuntil(b"\r\n\r\n"), 5)
        Exchange(sent, None)
        head = sent.lower()
        assert head.startswith(b"post /v1/audio/transcriptions ")
        assert TYPE.encode() in head
        assert b"content-length: 9\r\n" in head
        assert b"transfer-encoding" not in head
        assert await asyncio.wait_for(upstream.readexactly(5), 5) == b"FIRST"
        client[1].write(b"LAST")
        assert await asyncio.wait_for(upstream.readexactly(4), 5) == b"LAST"
        listener.answers.set()
        assert b"200 OK" in await asyncio.wait_for(client[0].readuntil(b"words"), 5)


async def test_an_upload_of_unknown_length_stays_one() -> None:
    head = f"{TYPE}\r\ntransfer-encoding: chunked\r\n\r\n5\r\n"
    async with uploading(head) as (listener, upstream, client):
        reaches = (await asyncio.wait_for(upstream.readuntil(b"FIRST"), 5)).lower()
        assert b"transfer-encoding: chunked" in reaches
        assert b"content-length" not in reaches
        client[1].write(b"\r\n0\r\n\r\n")
        assert await asyncio.wait_for(upstream.readuntil(b"0\r\n\r\n"), 5)
        listener.answers.set()
        await asyncio.wait_for(client[0].readuntil(b"words"), 5)


async def test_an_upload_whose_client_leaves_is_broken_off() -> None:
    async with uploading(f"{TYPE}\r\ncontent-length: 9\r\n\r\n") as (_, upstream, client):
        await asyncio.wait_for(upstream.readuntil(b"FIRST"), 5)
        client[1].transport.abort()
        assert await asyncio.wait_for(upstream.read(), 5) == b""
