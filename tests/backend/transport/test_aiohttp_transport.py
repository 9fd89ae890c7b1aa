"""Connections to the backend on real sockets: failures, keep-alive and concurrency."""

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.config.settings import read_settings
from tests.fakes.backends import open_backend
from tests.fakes.client import lines_of
from tests.fakes.limits import HANG
from tests.fakes.recorder import Exchange
from tests.fakes.server import END, FOREVER, ScriptedServer, Step, scripted, stream
from tests.fakes.service import running
from tests.fakes.transport import chunk, completion, events

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
WHOLE = {**CHAT, "stream": False}
HELLO = events(chunk("Hello"), done=False)
STREAM = [*stream(HELLO, events(chunk(finish="stop"))), END]
_BODY = msgspec.json.encode(completion("Hello"))
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
DOCUMENT = HEAD % len(_BODY) + _BODY


@asynccontextmanager
async def served(
    script: Callable[[bytes], list[Step]], **settings: object
) -> AsyncGenerator[tuple[ScriptedServer, httpx.AsyncClient]]:
    """Run the service on a scripted backend, with a client without a connection limit."""
    async with (
        scripted(script) as server,
        running(read_settings(backend_url=server.url, **settings)) as url,
        httpx.AsyncClient(
            base_url=url, timeout=httpx.Timeout(None), limits=httpx.Limits()
        ) as client,
    ):
        yield server, client


async def setting(arrived: asyncio.Event, response: httpx.Response) -> AsyncIterator[str]:
    """The lines of a stream. Sets `arrived` after the first line."""
    async for line in response.aiter_lines():
        arrived.set()
        yield line


def in_turn(*scripts: list[Step]) -> Callable[[bytes], list[Step]]:
    order = iter(scripts)
    return lambda _: next(order)


@pytest.mark.parametrize("body", [CHAT, WHOLE], ids=["stream", "whole"])
async def test_a_backend_that_is_down_results_in_502_with_the_reason(
    body: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        settings = read_settings(backend_url=f"http://127.0.0.1:{port}/v1")
        async with (
            running(settings) as url,
            httpx.AsyncClient(base_url=url, timeout=HANG) as client,
        ):
            response = await client.post("/api/chat", json=body)
    assert response.status_code == 502
    error = response.json()["error"]
    assert error.startswith("cannot connect to the backend at ")
    assert f"127.0.0.1:{port}" in error
    assert "Traceback" not in error + caplog.text


async def test_an_unknown_host_name_results_in_502() -> None:
    settings = read_settings(backend_url="http://nobody.invalid/v1")
    async with running(settings) as url, httpx.AsyncClient(base_url=url, timeout=HANG) as client:
        response = await client.get("/api/tags")
    assert response.status_code == 502
    assert "nobody.invalid" in response.json()["error"]


async def test_a_connection_lost_mid_stream_results_in_an_error_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    arrived = asyncio.Event()
    async with (
        served(lambda _: stream(HELLO, arrived, None)) as (_, client),
        client.stream("POST", "/api/chat", json=CHAT) as response,
    ):
        first, last = [msgspec.json.decode(line) async for line in setting(arrived, response)]
    assert first["message"]["content"] == "Hello"
    assert "backend" in last["error"]
    assert "Traceback" not in caplog.text


async def test_two_streams_and_two_whole_responses_use_one_connection() -> None:
    scripts = in_turn(STREAM, STREAM, [DOCUMENT], [DOCUMENT])
    async with served(scripts) as (server, client):
        for body in (CHAT, CHAT, WHOLE, WHOLE):
            assert (await client.post("/api/chat", json=body)).status_code == 200
        assert len(server.requests) == 5  # including the model list
        assert server.connections == 1


async def test_done_ends_the_response_although_the_socket_stays_open() -> None:
    async with served(lambda _: stream(HELLO, events(), FOREVER)) as (_, client):
        first, last = lines_of(await client.post("/api/chat", json=CHAT))
    assert first["message"]["content"] == "Hello"
    assert last["done"] is True


@pytest.mark.parametrize("body", [CHAT, WHOLE], ids=["stream", "whole"])
async def test_an_idle_connection_closed_by_the_backend_is_replaced(
    body: dict[str, object],
) -> None:
    reply: list[Step] = STREAM if body is CHAT else [DOCUMENT]
    async with served(in_turn(reply, [None], reply)) as (server, client):
        for _ in range(2):
            response = await client.post("/api/chat", json=body)
            assert response.status_code == 200, response.text
            assert b"Hello" in response.content
        assert server.connections == 2


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param([b"HTTP/1.1 200 OK\r\ncontent-", None], id="part-of-the-head"),
        pytest.param([*stream(), None], id="head-only"),
        pytest.param([HEAD % 99 + b"{", None], id="part-of-the-body"),
    ],
)
async def test_a_request_is_not_retried_after_response_bytes(broken: list[Step]) -> None:
    async with served(in_turn(STREAM, broken, STREAM)) as (server, client):
        await client.post("/api/chat", json=CHAT)
        response = await client.post("/api/chat", json=CHAT)
        assert response.status_code == 502
        assert len(response.json()["error"]) < 200
        assert len([request for request in server.requests if b"POST" in request]) == 2


async def test_a_backend_that_disconnects_on_every_request_results_in_502() -> None:
    async with served(lambda _: [None]) as (server, client):
        assert (await client.post("/api/chat", json=CHAT)).status_code == 502
        assert len([request for request in server.requests if b"POST" in request]) <= 2


async def test_150_streams_can_run_at_the_same_time() -> None:
    together, finish = asyncio.Barrier(150), asyncio.Event()

    async def line_count(client: httpx.AsyncClient) -> int:
        async with client.stream("POST", "/api/chat", json=CHAT) as response:
            lines = response.aiter_lines()
            await anext(lines)
            await asyncio.wait_for(together.wait(), HANG)  # all streams have started
            finish.set()
            return 1 + len([line async for line in lines])

    script = [*stream(HELLO, finish, events(chunk(finish="stop"))), END]
    async with served(lambda _: script) as (server, client):
        assert await asyncio.gather(*[line_count(client) for _ in range(150)]) == [2] * 150
        assert server.connections >= 150


async def test_an_idle_connection_that_was_reset_is_replaced() -> None:
    request = openai.CreateChatCompletionRequest(
        model="m", messages=[openai.UserMessage(content="hi")]
    )
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        for turn in range(2):
            with contextlib.suppress(asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                if turn == 0:  # later heads are preceded by the previous body
                    Exchange(head, None).played([DOCUMENT])
            if connections == 1 and turn == 1:  # reset, as by a NAT that dropped the connection
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                break
            writer.write(DOCUMENT)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        backend = open_backend(f"http://127.0.0.1:{port}", None)
        for _ in range(2):
            async with backend.create_chat_completion(request) as exchange:
                await exchange.read()
        assert connections == 2
        await backend.aclose()


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_an_error_before_the_request_is_fully_sent_is_not_an_internal_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        Exchange(await reader.readuntil(b"\r\n\r\n"), None)
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    huge = {"role": "user", "content": "x" * 20_000_000}
    with caplog.at_level(logging.WARNING):
        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            settings = read_settings(backend_url=f"http://127.0.0.1:{port}/v1")
            async with (
                running(settings) as url,
                httpx.AsyncClient(base_url=url, timeout=HANG) as client,
            ):
                response = await client.post("/api/chat", json={**CHAT, "messages": [huge]})
    assert response.status_code in (413, 502)
    assert "Traceback" not in caplog.text
