"""GET /healthz and GET /readyz."""

import httpx

from ollama_openai_proxy.app import create_app
from ollama_openai_proxy.config.settings import Settings
from ollama_openai_proxy.lifecycle import Lifecycle
from tests.fakes.transport import FakeTransport


async def test_to_be_alive_it_needs_nobody(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/models", httpx.ConnectError("no"))
    answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert (await client.head("/healthz")).status_code == 200
    assert backend.requests == []


async def test_it_is_ready_when_the_backend_answers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert (await client.head("/readyz")).status_code == 200


async def test_it_is_not_ready_and_says_why(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/models", httpx.ConnectError("no"))
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "reasons": ["the backend cannot be reached"]}
    assert (await client.head("/readyz")).status_code == 503


async def test_it_is_not_ready_from_the_moment_it_is_told_to_end(
    settings: Settings, backend: FakeTransport
) -> None:
    lifecycle = Lifecycle()
    app = create_app(settings, backend, lifecycle)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        assert (await client.get("/readyz")).status_code == 200
        lifecycle.draining = True
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["reasons"] == ["the service is shutting down"]
        assert (await client.get("/healthz")).status_code == 200, "it is alive until its end"
