"""Unsolicited responses never reach a client. Uses real sockets."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from random import Random

import httpx
import pytest
import uvloop
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.backend import Backend, decoded
from ollama_openai_proxy.backend.transport import AiohttpTransport, KeepAlive
from ollama_openai_proxy.config.settings import read_settings
from ollama_openai_proxy.errors import BackendUnreachable, BackendViolation
from ollama_openai_proxy.services.relay import CHAT
from tests.fakes.backends import open_backend
from tests.fakes.blocking import BlockingServer, blocking_server
from tests.fakes.limits import HANG
from tests.fakes.service import running
from tests.fakes.stray import STRAY, StrayBackend, StrayConnection, response, stray_backend

CLIENTS = 50


@asynccontextmanager
async def served(backend: StrayBackend, **settings: object) -> AsyncGenerator[httpx.AsyncClient]:
    """Run the service on `backend`; yield a client without a connection limit."""
    async with (
        running(read_settings(backend_url=backend.url, **settings)) as url,
        httpx.AsyncClient(base_url=url, timeout=60, limits=httpx.Limits()) as client,
    ):
        yield client


async def chat(client: httpx.AsyncClient, marker: str) -> str:
    """Send `marker` as the prompt; return the text of the response, or its error."""
    messages = [{"role": "user", "content": marker}]
    body = {"model": "gpt-4o", "messages": messages, "stream": False}
    document = (await client.post("/api/chat", json=body)).json()
    text: str = document["message"]["content"] if "message" in document else document["error"]
    return text


async def wave(client: httpx.AsyncClient, number: int) -> set[str]:
    """Send one marker per client, concurrently; return the responses that are not the marker."""
    markers = [f"wave {number} client {index}" for index in range(CLIENTS)]
    replies = await asyncio.gather(*(chat(client, marker) for marker in markers))
    return {text for text, marker in zip(replies, markers, strict=True) if text != marker}


async def test_a_stray_response_on_an_idle_connection_reaches_no_client() -> None:
    async with stray_backend() as backend, served(backend) as client:
        for number in range(4):
            assert await wave(client, number) == set()
            if number < 2:
                assert (backend.send_strays() > 0) is (number == 0)


async def test_delayed_strays_on_idle_connections_reach_no_client() -> None:
    random = Random(1)
    sent: list[bool] = []

    def late(connection: StrayConnection) -> None:
        delay = random.uniform(0, 0.05)
        loop = asyncio.get_running_loop()
        loop.call_later(delay, lambda: sent.append(connection.send_stray(response(STRAY))))

    async with stray_backend() as backend, served(backend) as client:
        backend.responded = late
        for number in range(10):
            assert await wave(client, number) == set()
    assert any(sent)


@pytest.mark.parametrize("rest", [response(STRAY), b"the rest of a body"], ids=["response", "raw"])
async def test_bytes_after_the_end_of_a_response_reach_no_client(rest: bytes) -> None:
    async with stray_backend() as backend, served(backend) as client:
        backend.respond = lambda text: [response(text), rest]
        for number in range(3):
            # aiohttp rejects a response if such bytes arrive in the same segment.
            assert all("backend" in text for text in await wave(client, number))


@pytest.mark.parametrize("rest", [response(STRAY), b"the rest of a body"], ids=["response", "raw"])
async def test_bytes_beyond_the_content_length_reach_no_client(
    rest: bytes,
) -> None:
    async with stray_backend() as backend, served(backend) as client:
        for number in range(3):
            assert await wave(client, number) == set()
            backend.send_strays(rest)


async def test_a_response_before_the_request_reaches_no_client() -> None:
    async with stray_backend() as backend, served(backend) as client:
        backend.greeting = response(STRAY)
        texts = await wave(client, 0)
    assert texts == {"the backend sent data before it received a request"}


@asynccontextmanager
async def backend_client(
    backend: StrayBackend, keep_alive: KeepAlive, strays: list[None] | None = None
) -> AsyncGenerator[Backend]:
    """A backend client without the service around it. `strays` grows with each stray."""
    noted = strays if strays is not None else []
    transport = AiohttpTransport(HANG, keep_alive, lambda: noted.append(None))
    client = open_backend(backend.url, None, transport)
    try:
        yield client
    finally:
        await client.aclose()


async def text_of(client: Backend, marker: str) -> str | None:
    message = openai.UserMessage(content=marker)
    request = openai.CreateChatCompletionRequest(model="gpt-4o", messages=[message])
    async with client.create_chat_completion(request) as exchange:
        completion = decoded(CHAT.whole, await exchange.read())
    assert completion.choices
    assert completion.choices[0].message
    text = completion.choices[0].message.content
    assert text is None or isinstance(text, str)
    return text


async def crossed(client: Backend, markers: Iterable[str]) -> list[str | None]:
    return [text for marker in markers if (text := await text_of(client, marker)) != marker]


async def test_without_keep_alive_no_stray_reaches_a_client_in_ten_thousand_requests() -> None:
    random = Random(2)

    def late(connection: StrayConnection) -> None:
        asyncio.get_running_loop().call_later(
            random.uniform(0, 0.05), connection.write, response(STRAY)
        )

    async with (
        stray_backend() as backend,
        backend_client(backend, KeepAlive(enabled=False)) as client,
    ):
        backend.responded = late
        asking = [
            crossed(client, (f"client {index} request {n}" for n in range(10_000 // CLIENTS)))
            for index in range(CLIENTS)
        ]
        assert [text for replies in await asyncio.gather(*asking) for text in replies] == []
        assert backend.accepted == 10_000


async def test_unread_bytes_are_found_when_a_connection_is_reused() -> None:
    strays: list[None] = []
    async with stray_backend() as backend, backend_client(backend, KeepAlive(), strays) as client:
        assert await text_of(client, "first") == "first"
        # The event loop does not run before the next request, so nothing reads these bytes.
        assert backend.send_strays() == 1
        assert await text_of(client, "second") == "second"
        assert backend.accepted == 2
    assert strays == [None]


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_unread_bytes_are_found_on_both_event_loops(
    run: Callable[[Coroutine[None, None, None]], None],
) -> None:
    """A server in another thread sends a stray while the event loop is blocked."""

    async def check(server: BlockingServer) -> None:
        client = open_backend(server.url, None)
        assert await text_of(client, "first") == "first"
        server.send_stray()
        assert await text_of(client, "second") == "second"
        assert server.accepted == 2
        await client.aclose()

    with blocking_server() as server:
        run(check(server))


async def test_after_the_first_stray_each_request_uses_a_new_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with stray_backend() as backend, backend_client(backend, KeepAlive()) as client:
        with caplog.at_level(logging.WARNING):
            for _ in range(2):
                await text_of(client, "one connection")
            assert backend.accepted == 1
            backend.send_strays()
            for _ in range(3):
                await text_of(client, "three connections")
            assert backend.accepted == 4
        assert caplog.text.count("unsolicited_data backend=127.0.0.1:") == 1


async def test_a_closed_connection_is_not_counted_as_a_stray() -> None:
    strays: list[None] = []
    async with stray_backend() as backend, backend_client(backend, KeepAlive(), strays) as client:
        await text_of(client, "first")
        backend.close_all()
        assert await text_of(client, "second") == "second"
    assert strays == []


@pytest.mark.parametrize(("reuse_after", "connections"), [(0.0, 1), (3600.0, 2)])
async def test_a_connection_is_reused_after_a_delay(reuse_after: float, connections: int) -> None:
    async with (
        stray_backend() as backend,
        backend_client(backend, KeepAlive(reuse_after=reuse_after)) as client,
    ):
        for marker in ("first", "second"):
            assert await text_of(client, marker) == marker
        assert backend.accepted == connections


async def test_requests_with_different_keys_never_share_a_connection() -> None:
    async with stray_backend() as backend, backend_client(backend, KeepAlive()) as client:
        alice, bob = client.with_keys(["alice-key"]), client.with_keys(["bob-key"])
        for _ in range(3):
            for one in (alice, bob):
                await text_of(one, "hi")
        assert backend.accepted == 2
        assert [len(keys) for keys in backend.keys_by_connection()] == [1, 1]


async def test_data_before_the_request_is_reported_as_such() -> None:
    async with stray_backend() as backend, backend_client(backend, KeepAlive()) as client:
        backend.greeting = b"220 mail.example ESMTP\r\n"
        with pytest.raises((BackendViolation, BackendUnreachable), match="before it received"):
            await text_of(client, "hi")


async def test_strays_are_counted_in_the_metrics() -> None:
    async with stray_backend() as backend, served(backend) as client:
        assert (await client.get("/readyz")).json() == {"status": "ready"}
        assert await chat(client, "hi") == "hi"
        assert backend.send_strays() > 0
        assert await chat(client, "hi") == "hi"
        ready = await client.get("/readyz")
        numbers = (await client.get("/metrics")).text
    assert ready.status_code == 200
    [warning] = ready.json()["warnings"]
    assert "unsolicited data" in warning
    assert "ollama_openai_proxy_backend_unsolicited_data_total 1.0" in numbers
