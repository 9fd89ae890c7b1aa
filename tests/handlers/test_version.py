"""GET / and GET /api/version, which clients ask before anything else."""

import re

import httpx

from ollama_openai_proxy.config.settings import read_settings
from tests.fakes.client import client_of
from tests.fakes.transport import FakeTransport


async def test_the_root_says_that_ollama_is_running(client: httpx.AsyncClient) -> None:
    response = await client.get("/")
    assert response.status_code == 200
    assert response.text == "Ollama is running"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


async def test_the_version_is_a_plain_one_that_every_client_accepts(
    client: httpx.AsyncClient,
) -> None:
    version = (await client.get("/api/version")).json()["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert tuple(map(int, version.split("."))) >= (0, 13, 4)


async def test_the_version_is_the_one_that_is_set(backend: FakeTransport) -> None:
    async with client_of(read_settings(version="0.24.0"), backend) as client:
        assert (await client.get("/api/version")).json() == {"version": "0.24.0"}


async def test_neither_asks_the_backend(client: httpx.AsyncClient, backend: FakeTransport) -> None:
    await client.get("/")
    await client.get("/api/version")
    assert backend.requests == []
