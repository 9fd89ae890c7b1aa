"""The service on a real socket, for tests that need one."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal

import uvicorn

from ollama_openai_proxy.app import create_app
from ollama_openai_proxy.config.settings import Settings
from tests.fakes.limits import HANG

from .seam import FakeNetwork


@asynccontextmanager
async def running(settings: Settings, transport: FakeNetwork | None = None) -> AsyncGenerator[str]:
    """Run the service in this event loop; yield its URL."""
    async with serving(create_app(settings, transport), lifespan="on") as url:
        yield url


@asynccontextmanager
async def serving(
    app: Any, lifespan: Literal["on", "off"] = "off", keep_alive: float = HANG
) -> AsyncGenerator[str]:
    """Run an ASGI application in this event loop; yield its URL."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        http="httptools",
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        timeout_keep_alive=keep_alive,  # type: ignore[arg-type]
        server_header=False,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        if serving.done():
            serving.result()
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait_for(serving, HANG)
        listening.close()
