"""When a client disconnects, the backend is freed at once, before and after the first byte."""

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

ASK = {"messages": [{"role": "user", "content": "hi"}], "prompt": "hi", "input": "hi"}
HELLO = events(chunk("Hello"), done=False)
FIRST_LINE = b'"done":false'


def settings_for(server: ScriptedServer) -> Settings:
    return read_settings(backend_url=server.url)


@asynccontextmanager
async def asked(
    url: str, path: str, stream: bool
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that has sent a request."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = msgspec.json.encode({"model": "gpt-4o", "stream": stream, **ASK})
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    try:
        yield reader, writer
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("path", "stream_", "script", "seen"),
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
    path: str, stream_: bool, script: list[Step], seen: bytes
) -> None:
    async with (
        scripted(lambda _: script) as server,
        running(settings_for(server)) as url,
        asked(url, path, stream_) as (reader, writer),
    ):
        await asyncio.wait_for(server.asked.wait(), HANG)
        await asyncio.wait_for(reader.readuntil(seen) if seen else passes(), HANG)
        with loop_clock():
            writer.transport.abort()
            await asyncio.wait_for(server.closed.wait(), HANG)


async def test_one_that_leaves_disturbs_no_other() -> None:
    gate = asyncio.Event()
    script = stream(HELLO, gate, events(chunk(finish="stop")), b"")
    async with (
        scripted(lambda _: script) as server,
        running(settings_for(server)) as url,
        asked(url, "/api/chat", True) as (stays, _),
    ):
        async with asked(url, "/api/chat", True) as (reader, writer):
            await asyncio.wait_for(reader.readuntil(FIRST_LINE), HANG)
            writer.transport.abort()
            await asyncio.wait_for(server.closed.wait(), HANG)
        gate.set()
        await asyncio.wait_for(stays.readuntil(b'"done":true'), HANG)


class Client:
    """The client's side of ASGI: what it does next is awaited for ever, or it leaves."""

    def __init__(self) -> None:
        self.leaves = asyncio.Event()

    async def receive(self) -> MutableMapping[str, Any]:
        await self.leaves.wait()
        return {"type": "http.disconnect"}


async def test_what_waits_is_cancelled_and_client_left_is_raised() -> None:
    client, freed = Client(), asyncio.Event()

    async def answer() -> None:
        try:
            client.leaves.set()
            await asyncio.Event().wait()
        finally:
            freed.set()

    with pytest.raises(ClientLeft):
        async with asyncio.timeout(HANG), CancelOnDisconnect(client.receive, unobserved()):
            await answer()
    assert freed.is_set()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_client_that_stays_changes_nothing() -> None:
    async with CancelOnDisconnect(Client().receive, unobserved()):
        await asyncio.sleep(0)
    with pytest.raises(ValueError, match="ours"):
        async with CancelOnDisconnect(Client().receive, unobserved()):
            raise ValueError("ours")
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}, "a watch is left behind"


async def test_a_cancellation_from_elsewhere_stays_one() -> None:
    client = Client()

    async def answer() -> None:
        async with CancelOnDisconnect(client.receive, unobserved()):
            await asyncio.Event().wait()

    task = asyncio.create_task(answer())
    await passes()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
