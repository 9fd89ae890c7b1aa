"""An HTTP client for a service inside the test process, and a parser of its NDJSON streams."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec

from ollama_openai_proxy.app import create_app
from ollama_openai_proxy.config.settings import Settings

from .seam import FakeNetwork


@asynccontextmanager
async def client_of(
    settings: Settings, transport: FakeNetwork
) -> AsyncGenerator[httpx.AsyncClient]:
    """An HTTP client connected to a new service with `settings` and the backend `transport`."""
    app = create_app(settings, transport)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://service.test"
    ) as client:
        yield client


def lines_of(response: httpx.Response) -> list[dict[str, Any]]:
    """The decoded lines of an NDJSON stream. Fails if the stream breaks a rule of its format."""
    assert response.headers["content-type"] == "application/x-ndjson"
    assert response.content.endswith(b"\n"), "the last line has no newline"
    lines = response.content[:-1].split(b"\n")
    assert all(line.strip() for line in lines), "a blank line"
    decoded = [msgspec.json.decode(line) for line in lines]
    terminal = [at for at, line in enumerate(decoded) if line.get("done") or "error" in line]
    assert terminal == [len(decoded) - 1], "exactly one line is terminal, and it is the last"
    return decoded
