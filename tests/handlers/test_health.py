"""GET /healthz and GET /readyz."""

import httpx

from ollama_openai_proxy.app import create_app
from ollama_openai_proxy.config.settings import Settings
from ollama_openai_proxy.lifecycle import Lifecycle
from tests.fakes.transport import FakeTransport


async def test_healthz_does_not_need_the_backend(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/models", httpx.ConnectError("no"))
    response = await client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert (await client.head("/healthz")).status_code == 200
    assert backend.requests == []


async def test_readyz_is_200_if_the_backend_responds(client: httpx.AsyncClient) -> None:
    response = await client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})
    assert (await client.head("/readyz")).status_code == 200


async def test_readyz_is_503_with_the_reason(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/models", httpx.ConnectError("no"))
    response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "reasons": ["the backend is unreachable"]}
    assert (await client.head("/readyz")).status_code == 503


async def test_readyz_is_503_while_the_service_shuts_down(
    settings: Settings, backend: FakeTransport
) -> None:
    lifecycle = Lifecycle()
    app = create_app(settings, backend, lifecycle)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        assert (await client.get("/readyz")).status_code == 200
        lifecycle.draining = True
        response = await client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["reasons"] == ["the service is shutting down"]
        assert (await client.get("/healthz")).status_code == 200, (
            "the service stays healthy until it exits"
        )
