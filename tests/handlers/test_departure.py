"""A client that leaves frees the backend at once, whether it had anything yet or not."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from ollama_openai_proxy.errors import ClientLeft
from ollama_openai_proxy.handlers._departure import UnlessTheClientLeaves
from ollama_openai_proxy.settings import Settings, read_settings
from tests.fakes.server import ScriptedServer, Step, scripted, stream
from tests.fakes.service import running
from tests.fakes.transport import chunk, events

ASK = {"messages": [{"role": "user", "content": "hi"}], "prompt": "hi", "input": "hi"}
HELLO = events(chunk("Hello"), done=False)
FIRST_LINE = b'"done":false'
TRIES = 3  # two cores, and others at work on them
AT_ONCE = 0.1  # seconds


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


async def seconds_to_let_go(path: str, stream: bool, script: list[Step], seen: bytes) -> float:
    """From when a client that has `seen` this leaves, to when the backend is let go."""
    async with (
        scripted(lambda _: script) as server,
        running(settings_for(server)) as url,
        asked(url, path, stream) as (reader, writer),
    ):
        await asyncio.wait_for(server.asked.wait(), 5)
        if seen:
            await asyncio.wait_for(reader.readuntil(seen), 5)
        else:
            await asyncio.sleep(0.05)
        left = asyncio.get_running_loop().time()
        writer.transport.abort()
        await asyncio.wait_for(server.closed.wait(), 5)
        return server.closed_at - left


@pytest.mark.parametrize(
    ("path", "stream_", "script", "seen"),
    [
        pytest.param("/api/chat", True, [30.0], b"", id="chat-before-the-head"),
        pytest.param("/api/generate", True, [30.0], b"", id="generate-before-the-head"),
        pytest.param("/api/chat", True, [*stream(), 30.0], b"", id="before-the-first-token"),
        pytest.param("/api/chat", False, [30.0], b"", id="chat-without-a-stream"),
        pytest.param("/api/generate", False, [30.0], b"", id="generate-without-a-stream"),
        pytest.param("/api/embed", False, [30.0], b"", id="embed"),
        pytest.param("/api/chat", True, stream(HELLO, 30.0), FIRST_LINE, id="chat-mid-stream"),
        pytest.param(
            "/api/generate", True, stream(HELLO, 30.0), FIRST_LINE, id="generate-mid-stream"
        ),
    ],
)
async def test_the_backend_is_let_go_within_a_tenth_of_a_second(
    path: str, stream_: bool, script: list[Step], seen: bytes
) -> None:
    taken: list[float] = []
    while len(taken) < TRIES and not any(seconds < AT_ONCE for seconds in taken):
        taken.append(await seconds_to_let_go(path, stream_, script, seen))
    assert min(taken) < AT_ONCE


async def test_one_that_leaves_disturbs_no_other() -> None:
    script = stream(HELLO, 0.3, events(chunk(finish="stop")), b"")
    async with (
        scripted(lambda _: script) as server,
        running(settings_for(server)) as url,
        asked(url, "/api/chat", True) as (stays, _),
    ):
        async with asked(url, "/api/chat", True) as (reader, writer):
            await asyncio.wait_for(reader.readuntil(FIRST_LINE), 5)
            writer.transport.abort()
        await asyncio.wait_for(stays.readuntil(b'"done":true'), 5)


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
            await asyncio.sleep(30)
        finally:
            freed.set()

    asyncio.get_running_loop().call_later(0.01, client.leaves.set)
    with pytest.raises(ClientLeft):
        async with asyncio.timeout(5), UnlessTheClientLeaves(client.receive):
            await answer()
    assert freed.is_set()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_client_that_stays_changes_nothing() -> None:
    async with UnlessTheClientLeaves(Client().receive):
        await asyncio.sleep(0)
    with pytest.raises(ValueError, match="ours"):
        async with UnlessTheClientLeaves(Client().receive):
            raise ValueError("ours")
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}, "a watch is left behind"


async def test_a_cancellation_from_elsewhere_stays_one() -> None:
    client = Client()

    async def answer() -> None:
        async with UnlessTheClientLeaves(client.receive):
            await asyncio.sleep(30)

    task = asyncio.create_task(answer())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
