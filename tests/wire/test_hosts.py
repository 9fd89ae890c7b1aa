"""Validation of the Host header, on a real socket."""

import pytest

from ollama_openai_proxy.config.settings import read_settings
from tests.fakes.raw import send
from tests.fakes.service import running
from tests.fakes.transport import FakeTransport

REFUSAL = (403, [("content-length", "0")], b"")
BACKEND = "http://backend.test/v1"


async def test_on_the_loopback_only_local_hosts_are_accepted(backend: FakeTransport) -> None:
    async with running(read_settings(backend_url=BACKEND), backend) as url:
        for host in ("localhost", "127.0.0.1:1", "[::1]:1", "a.local", "10.1.2.3"):
            assert (await send(url, "GET /", f"host: {host}")).status == 200, host
        for host in ("evil.example", "8.8.8.8", "[::1]", "evil.example:11434"):
            for line in ("GET /", "POST /api/chat", "GET /nope", "DELETE /", "OPTIONS /"):
                assert await send(url, line, f"host: {host}") == REFUSAL, (host, line)


async def test_options_without_an_origin_is_accepted_only_for_host_names(
    backend: FakeTransport,
) -> None:
    async with running(read_settings(backend_url=BACKEND), backend) as url:
        assert await send(url, "OPTIONS /api/chat", "host: localhost") == (204, [], b"")
        assert (await send(url, "OPTIONS /api/chat", "host: 127.0.0.1")).status == 405


@pytest.mark.parametrize("listening", ["0.0.0.0", ":11434", "192.168.1.2"])
async def test_on_other_addresses_every_host_is_accepted(
    backend: FakeTransport, listening: str
) -> None:
    settings = read_settings(backend_url=BACKEND, host=listening)
    async with running(settings, backend) as url:
        assert (await send(url, "GET /", "host: evil.example")).status == 200
        assert (await send(url, "OPTIONS /api/chat", "host: localhost")).status == 405


async def test_the_origin_is_checked_before_the_host(backend: FakeTransport) -> None:
    async with running(read_settings(backend_url=BACKEND), backend) as url:
        page = "origin: http://localhost:3000"
        preflight = await send(url, "OPTIONS /api/chat", "host: evil.example", page)
        assert preflight.status == 204
        allowed = ("access-control-allow-origin", "http://localhost:3000")
        reply = await send(url, "GET /", "host: evil.example", page)
        assert reply == (403, [("content-length", "0"), allowed, ("vary", "Origin")], b"")
