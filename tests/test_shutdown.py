"""Requests that are open when the service shuts down."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import httpx
import msgspec

from ollama_openai_proxy.app import create_app
from ollama_openai_proxy.config.settings import Settings
from tests.fakes.limits import HANG
from tests.fakes.transport import FakeTransport

BODY = b'{"model":"gpt-4o","stream":false,"messages":[{"role":"user","content":"hi"}]}'


class Silent(FakeTransport):
    """A backend that returns its model list and never responds to anything else."""

    def __init__(self) -> None:
        super().__init__()
        self.requested = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.requested.set()
            await asyncio.Event().wait()
        return await super().handle_async_request(request)


async def test_an_unfinished_request_that_is_not_streamed_returns_503(settings: Settings) -> None:
    backend = Silent()
    scope = {
        "type": "http", "method": "POST", "path": "/api/chat", "raw_path": b"/api/chat",
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
        "headers": [(b"host", b"localhost")], "server": ("127.0.0.1", 11434),
    }  # fmt: skip
    incoming = iter([{"type": "http.request", "body": BODY, "more_body": False}])
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        message = next(incoming, None)
        if message is None:
            await asyncio.Event().wait()
            raise AssertionError
        return message

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    serving = asyncio.create_task(create_app(settings, backend)(scope, receive, send))
    await asyncio.wait_for(backend.requested.wait(), HANG)
    serving.cancel()  # as uvicorn does at the end of the grace period
    await asyncio.wait_for(serving, HANG)
    start, body = sent
    assert start["status"] == 503
    assert msgspec.json.decode(body["body"]) == {"error": "the service is shutting down"}
