"""The complete application: routing, startup, and the settings that affect both."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.types import Message

from ollama_openai_proxy.app import create_app
from ollama_openai_proxy.config.settings import Settings, read_settings
from tests.fakes.client import client_of
from tests.fakes.recorder import recorded
from tests.fakes.seam import FakeNetwork
from tests.fakes.transport import FakeTransport, json_reply


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


@pytest.mark.parametrize("path", ["/nope", "/api", "/api/nope", "/API/tags", "/v2/models", "/%00"])
async def test_an_unknown_path_returns_404_as_json(client: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = await client.request(method, path)
        assert response.status_code == 404
        assert response.headers["content-type"].startswith("application/json")
        assert response.json() == {"error": "404 page not found"}


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/api/chat", "POST"),
        ("HEAD", "/api/chat", "POST"),
        ("PUT", "/api/generate", "POST"),
        ("DELETE", "/api/embed", "POST"),
        ("GET", "/api/show", "POST"),
        ("POST", "/api/tags", "HEAD, GET"),
        ("POST", "/api/version", "HEAD, GET"),
        ("DELETE", "/", "HEAD, GET"),
        ("HEAD", "/api/ps", "GET"),
        ("POST", "/api/ps", "GET"),
    ],
)
async def test_a_wrong_method_returns_405_with_the_allowed_methods(
    client: httpx.AsyncClient, method: str, path: str, allow: str
) -> None:
    response = await client.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allow
    assert response.headers["content-type"].startswith("application/json")
    if method != "HEAD":
        assert response.json() == {"error": "405 method not allowed"}


@pytest.mark.parametrize("path", ["/", "/api/version", "/api/tags"])
async def test_head_returns_the_headers_of_get(client: httpx.AsyncClient, path: str) -> None:
    head, get = await client.head(path), await client.get(path)
    assert head.status_code == 200
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.headers["content-length"] == get.headers["content-length"]


async def test_embeddings_may_come_from_another_backend(backend: FakeTransport) -> None:
    backend.reply("/embeddings", json_reply({"data": [{"index": 0, "embedding": [1.0]}]}))
    settings = read_settings(
        backend_url="http://chat.test/v1", embeddings_url="http://vectors.test/v1"
    )
    async with client_of(settings, backend) as client:
        response = await client.post("/api/embed", json={"model": "gpt-4o", "input": "hi"})
    assert response.json()["embeddings"] == [[1.0]]
    assert [str(request.url) for request in backend.requests] == [
        "http://chat.test/v1/models",
        "http://vectors.test/v1/models",
        "http://vectors.test/v1/embeddings",
    ]


@pytest.mark.parametrize(
    ("setting", "least", "most"),
    [
        ("5m", 290, 310),
        ("90", 80, 100),
        ("-1", 10**9, 10**10),
        ("-5m", 10**9, 10**10),
        ("1h30m", 5390, 5410),
    ],
)
async def test_the_default_keep_alive_is_taken_from_the_settings(
    backend: FakeTransport, setting: str, least: int, most: int
) -> None:
    async with client_of(read_settings(keep_alive=setting), backend) as client:
        await client.post("/api/generate", json={"model": "gpt-4o"})
        (model,) = (await client.get("/api/ps")).json()["models"]
    stays = datetime.fromisoformat(model["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=least) < stays < timedelta(seconds=most)


async def test_with_a_default_keep_alive_of_zero_no_model_stays_loaded(
    backend: FakeTransport,
) -> None:
    async with client_of(read_settings(keep_alive="0"), backend) as client:
        await client.post("/api/generate", json={"model": "gpt-4o"})
        assert (await client.get("/api/ps")).json() == {"models": []}


async def _run_lifespan(settings: Settings, transport: FakeNetwork) -> list[str]:
    """Run the application's lifespan; return the types of the events that it sent."""
    sent_types: list[str] = []
    order = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Message:
        return {"type": next(order)}

    async def send(message: Message) -> None:
        sent_types.append(message["type"])

    await create_app(settings, transport)({"type": "lifespan", "state": {}}, receive, send)
    return sent_types


@pytest.mark.parametrize(
    "reply",
    [httpx.ConnectError("refused"), json_reply({"error": {"message": "no"}}, 401)],
    ids=["connection-refused", "401"],
)
async def test_the_service_starts_without_a_backend(
    settings: Settings, backend: FakeTransport, reply: httpx.ConnectError
) -> None:
    sent_types = await _run_lifespan(settings, backend.reply("/models", reply))
    assert sent_types == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_no_request_is_sent_at_startup_if_clients_bring_their_own_keys(
    backend: FakeTransport, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        sent_types = await _run_lifespan(read_settings(pass_through_key=True), backend)
    assert sent_types == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert backend.requests == []


async def test_the_service_starts_without_waiting_for_a_slow_backend(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        sent_types = await _run_lifespan(settings, _Silent())
    assert sent_types == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert "Traceback" not in caplog.text


class _Silent(FakeNetwork):
    """A backend that never responds."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        recorded(request)
        await asyncio.Event().wait()
        raise AssertionError
