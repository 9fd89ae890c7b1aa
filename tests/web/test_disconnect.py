"""A client disconnect cancels the backend request at once, before and after the first byte."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from ollama_openai_proxy.config.settings import Settings, read_settings
from ollama_openai_proxy.errors import ClientLeft
from ollama_openai_proxy.telemetry.request_metrics import unobserved
from ollama_openai_proxy.web.disconnect import CancelOnDisconnect
from tests.fakes.clock import loop_clock, passes
from tests.fakes.limits import HANG
from tests.fakes.server import FOREVER, ScriptedServer, Step, scripted, stream
from tests.fakes.service import running
from tests.fakes.transport import chunk, events

BODY = {"messages": [{"role": "user", "content": "hi"}], "prompt": "hi", "input": "hi"}
HELLO = events(chunk("Hello"), done=False)
FIRST_LINE = b'"done":false'


def settings_for(server: ScriptedServer) -> Settings:
    return read_settings(backend_url=server.url)


@asynccontextmanager
async def open_request(
    url: str, path: str, stream: bool
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection and send a request on it."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = msgspec.json.encode({"model": "gpt-4o", "stream": stream, **BODY})
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    try:
        yield reader, writer
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("path", "stream_", "script", "awaited"),
    [
        pytest.param("/api/chat", True, [FOREVER], b"", id="chat-before-the-head"),
        pytest.param("/api/generate", True, [FOREVER], b"", id="generate-before-the-head"),
        pytest.param("/api/chat", True, [*stream(), FOREVER], b"", id="before-the-first-token"),
        pytest.param("/api/chat", False, [FOREVER], b"", id="chat-without-a-stream"),
        pytest.param("/api/generate", False, [FOREVER], b"", id="generate-without-a-stream"),
        pytest.param("/api/embed", False, [FOREVER], b"", id="embed"),
        pytest.param("/api/chat", True, stream(HELLO, FOREVER), FIRST_LINE, id="chat-mid-stream"),
        pytest.param(
            "/api/generate", True, stream(HELLO, FOREVER), FIRST_LINE, id="generate-mid-stream"
        ),
    ],
)
async def test_the_backend_connection_is_closed_without_waiting_for_a_timer(
    path: str, stream_: bool, script: list[Step], awaited: bytes
) -> None:
    async with (
        scripted(lambda _: script) as server,
        running(settings_for(server)) as url,
        open_request(url, path, stream_) as (reader, writer),
    ):
        await asyncio.wait_for(server.asked.wait(), HANG)
        await asyncio.wait_for(reader.readuntil(awaited) if awaited else passes(), HANG)
        with loop_clock():
            writer.transport.abort()
            await asyncio.wait_for(server.closed.wait(), HANG)


async def test_a_disconnect_does_not_affect_other_clients() -> None:
    gate = asyncio.Event()
    script = stream(HELLO, gate, events(chunk(finish="stop")), b"")
    async with (
        scripted(lambda _: script) as server,
        running(settings_for(server)) as url,
        open_request(url, "/api/chat", True) as (other, _),
    ):
        async with open_request(url, "/api/chat", True) as (reader, writer):
            await asyncio.wait_for(reader.readuntil(FIRST_LINE), HANG)
            writer.transport.abort()
            await asyncio.wait_for(server.closed.wait(), HANG)
        gate.set()
        await asyncio.wait_for(other.readuntil(b'"done":true'), HANG)


class Client:
    """The client side of ASGI: `receive` waits until the client disconnects."""

    def __init__(self) -> None:
        self.disconnected = asyncio.Event()

    async def receive(self) -> MutableMapping[str, Any]:
        await self.disconnected.wait()
        return {"type": "http.disconnect"}


async def test_a_disconnect_cancels_the_block_and_raises_client_left() -> None:
    client, freed = Client(), asyncio.Event()

    async def respond() -> None:
        try:
            client.disconnected.set()
            await asyncio.Event().wait()
        finally:
            freed.set()

    with pytest.raises(ClientLeft):
        async with asyncio.timeout(HANG), CancelOnDisconnect(client.receive, unobserved()):
            await respond()
    assert freed.is_set()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_without_a_disconnect_nothing_changes() -> None:
    async with CancelOnDisconnect(Client().receive, unobserved()):
        await asyncio.sleep(0)
    with pytest.raises(ValueError, match="reason"):
        async with CancelOnDisconnect(Client().receive, unobserved()):
            raise ValueError("reason")
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}, "the watcher task is still running"


async def test_a_cancellation_from_elsewhere_is_propagated() -> None:
    client = Client()

    async def respond() -> None:
        async with CancelOnDisconnect(client.receive, unobserved()):
            await asyncio.Event().wait()

    task = asyncio.create_task(respond())
    await passes()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
