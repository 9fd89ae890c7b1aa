"""GET / and GET /api/version, which clients request first."""

import re

import httpx

from ollama_openai_proxy.config.settings import read_settings
from tests.fakes.client import client_of
from tests.fakes.transport import FakeTransport


async def test_the_root_returns_ollama_is_running(client: httpx.AsyncClient) -> None:
    response = await client.get("/")
    assert response.status_code == 200
    assert response.text == "Ollama is running"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


async def test_the_version_is_plain_and_accepted_by_every_client(
    client: httpx.AsyncClient,
) -> None:
    version = (await client.get("/api/version")).json()["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert tuple(map(int, version.split("."))) >= (0, 13, 4)


async def test_the_version_can_be_configured(backend: FakeTransport) -> None:
    async with client_of(read_settings(version="0.24.0"), backend) as client:
        assert (await client.get("/api/version")).json() == {"version": "0.24.0"}


async def test_neither_operation_calls_the_backend(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    await client.get("/")
    await client.get("/api/version")
    assert backend.requests == []
