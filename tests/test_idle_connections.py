"""How long the service keeps idle connections open, measured with a controlled clock."""

import asyncio
import signal
import socket
from typing import ClassVar

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from ollama_openai_proxy.config.settings import Settings
from ollama_openai_proxy.server import serve
from tests.fakes.clock import loop_clock, passes
from tests.fakes.limits import HANG
from tests.fakes.raw import connected
from tests.fakes.service import serving

hello = PlainTextResponse("{}")


class Configured:
    """Replaces uvicorn's server and records its configuration."""

    configs: ClassVar[list[uvicorn.Config]] = []
    started = True

    def __init__(self, config: uvicorn.Config) -> None:
        self.configs.append(config)

    def run(self, sockets: list[socket.socket]) -> None:
        """Do unused."""


async def test_idle_connections_stay_open_longer_than_load_balancers_reuse_them(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(uvicorn, "Server", Configured)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with socket.socket() as unused:
        serve(settings, unused, "")
    monkeypatch.undo()
    kept_alive = Configured.configs.pop().timeout_keep_alive
    async with (
        serving(hello, keep_alive=kept_alive) as url,
        connected(url) as (reader, writer),
    ):
        with loop_clock() as clock:
            for _ in range(2):
                writer.write(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
                assert await asyncio.wait_for(reader.readuntil(b"{}"), HANG)
                await passes()
                clock.advance(100)  # load balancers reuse connections after 60 s and more
                await passes()
            assert not reader.at_eof()
            clock.advance(HANG)
            assert await asyncio.wait_for(reader.read(), 2 * HANG) == b"", (
                "idle connections are never closed"
            )
