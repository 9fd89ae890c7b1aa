"""Timeouts for a silent backend on a real socket, with a controlled clock."""

import asyncio

import msgspec
import pytest

from tests.backend.transport.test_aiohttp_transport import CHAT, HEAD, HELLO, WHOLE, served
from tests.fakes.clock import loop_clock
from tests.fakes.limits import HANG
from tests.fakes.server import FOREVER, Step, stream


@pytest.mark.parametrize(
    ("body", "script"),
    [
        (CHAT, [FOREVER]),
        (WHOLE, [FOREVER]),
        (CHAT, [*stream(), FOREVER]),
        (WHOLE, [HEAD % 9, FOREVER]),
    ],
    ids=["stream", "whole", "stream-after-the-head", "whole-after-the-head"],
)
async def test_a_backend_that_never_responds_results_in_504(
    body: dict[str, object], script: list[Step]
) -> None:
    async with served(lambda _: script, first_byte_timeout=60) as (server, client):
        with loop_clock() as clock:
            pending = asyncio.create_task(client.post("/api/chat", json=body))
            await asyncio.wait_for(server.asked.wait(), HANG)
            response = await clock.pass_until(pending, 60)
            await asyncio.wait_for(server.closed.wait(), HANG)
    assert response.status_code == 504
    assert "60 s" in response.json()["error"]


async def test_a_backend_that_stops_sending_ends_the_stream_with_an_error() -> None:
    script = stream(HELLO, FOREVER)
    async with served(lambda _: script, first_byte_timeout=200, idle_timeout=60) as (
        server,
        client,
    ):
        with loop_clock() as clock:
            async with client.stream("POST", "/api/chat", json=CHAT) as response:
                lines = response.aiter_lines()
                first = msgspec.json.decode(await anext(lines))
                last = msgspec.json.decode(await clock.pass_until(anext(lines), 60))
            await asyncio.wait_for(server.closed.wait(), HANG)
    assert first["message"]["content"] == "Hello"
    assert "no data for 60 s; see OLLAMA_OPENAI_PROXY_IDLE_TIMEOUT" in last["error"]
