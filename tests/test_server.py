"""The service as a process: signals, draining, and the state that workers share."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.process import Service, serving
from tests.fakes.limits import HANG
from tests.fakes.server import END, FOREVER, Step, scripted, stream
from tests.fakes.transport import chunk, events

PIECE = events(chunk("a"), done=False)
LAST = events(chunk(finish="stop"))
SHORT: list[Step] = [*stream(PIECE, LAST), END]
ENDLESS: list[Step] = stream(PIECE, FOREVER)
CHAT = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
EACH = pytest.mark.parametrize("workers", [1, 2])
PREFIX = "OLLAMA_OPENAI_PROXY_"
ENDING = "the service is shutting down"


@asynccontextmanager
async def serving_script(
    script: list[Step], directory: Path, workers: int, **variables: str
) -> AsyncGenerator[tuple[Service, httpx.AsyncClient]]:
    """Run the service as a separate process, connected to a scripted backend in this one."""
    async with scripted(lambda _: script) as backend:
        arguments = ["--backend-url", backend.url, "--workers", str(workers)]
        service = serving("service", directory, *arguments, **variables)
        started = await asyncio.to_thread(service.__enter__)
        try:
            async with httpx.AsyncClient(base_url=started.url, timeout=HANG) as client:
                yield started, client
        finally:
            await asyncio.to_thread(service.__exit__, None, None, None)


async def code_of(service: Service) -> int:
    return await asyncio.to_thread(service.ended)


async def rest_of(lines: AsyncIterator[str]) -> list[str]:
    return [line async for line in lines if line]


async def samples(url: str) -> dict[str, float]:
    """Samples of /metrics by name, and by name and operation, summed over all other labels.

    Opens a new connection, so that any worker may respond.
    """
    async with httpx.AsyncClient(base_url=url, timeout=HANG) as client:
        text = (await client.get("/metrics")).text
    added: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name = sample.name.removeprefix("ollama_openai_proxy_")
            operation = sample.labels.get("operation")
            for key in (name, f"{name} {operation}"):
                added[key] = added.get(key, 0) + sample.value
    return added


def children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


@asynccontextmanager
async def idle_connections(url: str, count: int = 8) -> AsyncGenerator[list[asyncio.StreamReader]]:
    """Open connections without sending a request: several, so that each worker accepts some."""
    parts = httpx.URL(url)
    opened = [await asyncio.open_connection(parts.host, parts.port) for _ in range(count)]
    try:
        yield [reader for reader, _ in opened]
    finally:
        for _, writer in opened:
            writer.close()


async def until_closed(idle: list[asyncio.StreamReader]) -> None:
    """Wait until the service closes its idle connections, as it does when it shuts down."""
    for reader in idle:
        with suppress(ConnectionResetError):  # the connection was not accepted yet
            assert await asyncio.wait_for(reader.read(), HANG) == b""


@EACH
async def test_a_draining_service_is_not_ready_but_still_serves(
    tmp_path: Path, workers: int
) -> None:
    finish = asyncio.Event()
    script: list[Step] = [*stream(PIECE, finish, LAST), END]
    async with (
        serving_script(script, tmp_path, workers, **{f"{PREFIX}DRAIN": "600"}) as (service, client),
        client.stream("POST", "/api/chat", json=CHAT) as response,
        AsyncExitStack() as stack,
    ):
        kept = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=service.url, timeout=HANG))
            for _ in range(8)  # one connection each, so that every worker has some
        ]
        for one in kept:
            assert (await one.get("/readyz")).json() == {"status": "ready"}
        lines = response.aiter_lines()
        await anext(lines)
        service.signal(signal.SIGTERM)
        for one in kept:
            async with asyncio.timeout(HANG):
                while (readiness := await one.get("/readyz")).status_code == 200:
                    await asyncio.sleep(0.02)
            assert (readiness.status_code, readiness.json()["reasons"]) == (503, [ENDING])
        async with httpx.AsyncClient(base_url=service.url, timeout=HANG) as other:
            assert (await other.post("/api/show", json={"model": "gpt-4o"})).is_success
            assert (await other.get("/healthz")).is_success
        finish.set()
        *_, last = await rest_of(lines)
        assert msgspec.json.decode(last)["done"] is True
        service.signal(signal.SIGTERM)
        assert await code_of(service) == 128 + signal.SIGTERM


@EACH
async def test_after_draining_open_streams_are_finished(tmp_path: Path, workers: int) -> None:
    finish = asyncio.Event()
    script: list[Step] = [*stream(PIECE, finish, LAST), END]
    variables = {f"{PREFIX}DRAIN": "0.01", f"{PREFIX}GRACE": "600", f"{PREFIX}LOG_LEVEL": "debug"}
    async with (
        serving_script(script, tmp_path, workers, **variables) as (service, client),
        client.stream("POST", "/api/chat", json=CHAT) as response,
    ):
        lines = response.aiter_lines()
        await anext(lines)
        service.signal(signal.SIGTERM)
        async with asyncio.timeout(HANG):
            # uvicorn logs this at the start of the grace period.
            while "Waiting for connections to close" not in service.log():
                await asyncio.sleep(0.02)
        finish.set()
        *_, last = await rest_of(lines)
        assert msgspec.json.decode(last)["done"] is True
        assert await code_of(service) == 0


async def test_streams_that_exceed_the_grace_period_end_with_an_error(tmp_path: Path) -> None:
    async with (
        serving_script(ENDLESS, tmp_path, 1, **{f"{PREFIX}GRACE": "0.3"}) as (service, client),
        client.stream("POST", "/api/chat", json=CHAT) as ours,
        client.stream("POST", "/v1/chat/completions", json=CHAT) as theirs,
    ):
        both = [ours.aiter_lines(), theirs.aiter_lines()]
        for lines in both:
            await anext(lines)
        service.signal(signal.SIGTERM)
        line, event = [(await rest_of(lines))[-1] for lines in both]
        assert msgspec.json.decode(line) == {"error": ENDING}
        assert msgspec.json.decode(event.removeprefix("data: "))["error"]["message"] == ENDING
        assert await code_of(service) == 0
    assert "Traceback" not in service.log()
    assert service.log().count("error=shutting_down fault=server") == 2


@EACH
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_stops_the_service_at_once(
    tmp_path: Path, workers: int, number: signal.Signals
) -> None:
    more = asyncio.Event()
    script = stream(PIECE, more, PIECE, FOREVER)
    async with (
        serving_script(script, tmp_path, workers, **{f"{PREFIX}GRACE": "600"}) as (service, client),
        client.stream("POST", "/api/chat", json=CHAT) as response,
        idle_connections(service.url) as idle,
    ):
        lines = response.aiter_lines()
        await anext(lines)
        service.signal(number)
        await until_closed(idle)
        more.set()
        await anext(lines)  # the stream is still served
        service.signal(number)
        with pytest.raises(httpx.RemoteProtocolError):
            await asyncio.wait_for(rest_of(lines), HANG)
        assert await code_of(service) == 128 + number


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc: run it on Linux")
async def test_workers_exit_and_free_the_port_when_the_parent_is_killed(tmp_path: Path) -> None:
    async with serving_script(SHORT, tmp_path, 2) as (service, client):
        assert (await client.get("/healthz")).is_success
        os.kill(service.pid, signal.SIGKILL)
        async with asyncio.timeout(HANG):
            while await _accepts_connections(service.url):
                await asyncio.sleep(0.1)


async def _accepts_connections(url: str) -> bool:
    parts = httpx.URL(url)
    try:
        _, writer = await asyncio.open_connection(parts.host, parts.port)
    except ConnectionError:
        return False
    writer.close()
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc: run it on Linux")
async def test_each_worker_reports_the_metrics_of_all_workers(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    async with serving_script(ENDLESS, tmp_path, 2, TMPDIR=str(shared)) as (service, client):
        before = (await samples(service.url)).get("requests_total version", 0)
        for _ in range(10):  # a new connection each, so that both workers have some
            async with httpx.AsyncClient(base_url=service.url, timeout=HANG) as other:
                await other.get("/api/version")
        assert (await samples(service.url))["requests_total version"] == before + 10
        async with client.stream("POST", "/api/chat", json=CHAT) as response:
            await anext(response.aiter_lines())
            assert (await samples(service.url))["open_streams"] == 1
            for pid in children(service.pid):
                if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGKILL)
        await _until_served(service.url)
        after = await samples(service.url)
        assert after["open_streams"] == 0, "streams of killed workers are not counted"
        assert after["requests_total version"] >= before + 10, "counters of killed workers are kept"
        assert len(list(shared.iterdir())) == 1
        service.signal(signal.SIGTERM)
        assert await code_of(service) == 0
        assert list(shared.iterdir()) == []


async def _until_served(url: str) -> None:
    async with asyncio.timeout(HANG):
        while True:
            try:
                if "open_streams" in await samples(url):
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.2)
