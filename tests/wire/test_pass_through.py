"""Forwarding of clients' own keys to the backend, with separate state for each key."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import AsyncGenerator

import httpx
import msgspec
import pytest

from ollama_openai_proxy.config.settings import Settings, read_settings
from tests.fakes.client import client_of
from tests.fakes.clock import passes
from tests.fakes.recorder import recorded
from tests.fakes.seam import FakeNetwork
from tests.fakes.transport import (
    FakeTransport,
    chunk,
    completion,
    events,
    json_reply,
    stream_reply,
)

ANN, BOB = "sk-ann-0123456789", "sk-bob-0123456789"
MODELS = {ANN: ["ann-model", "shared"], BOB: ["bob-model", "shared"]}
CHAT = {"messages": [{"role": "user", "content": "Hi"}], "stream": False}


def settings_with(**others: object) -> Settings:
    return read_settings(backend_url="http://backend.test/v1", pass_through_key=True, **others)


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def models_of(request: httpx.Request) -> httpx.Response:
    """The models of the request's key. An unknown key is echoed, as by some servers."""
    key = request.headers.get("authorization", "").removeprefix("Bearer ")
    if key not in MODELS:
        message = f"Incorrect API key provided: {key}"
        return json_reply({"error": {"message": message}}, 401)(request)
    return json_reply({"data": [{"id": id_} for id_ in MODELS[key]]})(request)


@pytest.fixture
def backend() -> FakeTransport:
    reply = json_reply(completion("Hello"))
    vectors = json_reply({"data": [{"index": 0, "embedding": [1.0]}]})
    fake = FakeTransport().reply("/models", models_of).reply("/chat/completions", reply)
    return fake.reply("/completions", reply).reply("/embeddings", vectors)


@pytest.fixture
async def client(backend: FakeTransport) -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(settings_with(), backend) as client:
        yield client


async def names(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> list[str]:
    response = await client.get(path, headers=headers)
    assert response.status_code == 200, response.text
    return [model["model"].removesuffix(":latest") for model in response.json()["models"]]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/chat", CHAT),
        ("/api/generate", {"prompt": "Hi", "stream": False}),
        ("/api/generate", {"prompt": "Hi", "raw": True, "stream": False}),
        ("/api/embed", {"input": "Hi"}),
        ("/api/embeddings", {"prompt": "Hi"}),
        ("/api/show", {}),
        ("/v1/chat/completions", CHAT),
        ("/v1/embeddings", {"input": "Hi"}),
    ],
)
async def test_the_clients_key_is_forwarded_for_every_operation(
    client: httpx.AsyncClient, backend: FakeTransport, path: str, body: dict[str, object]
) -> None:
    response = await client.post(path, json={"model": "shared", **body}, headers=bearer(ANN))
    assert response.status_code == 200, response.text
    sent = [request.headers["authorization"] for request in backend.requests]
    assert sent == [f"Bearer {ANN}"] * len(sent)
    assert sent


async def test_the_clients_key_is_forwarded_for_streams(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", stream_reply(events(chunk("Hi"), chunk(finish="stop"))))
    body = {**CHAT, "model": "shared", "stream": True}
    response = await client.post("/api/chat", json=body, headers=bearer(BOB))
    assert msgspec.json.decode(response.content.splitlines()[-1])["done"] is True
    assert backend.requests[-1].headers["authorization"] == f"Bearer {BOB}"


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions"])
@pytest.mark.parametrize(
    "headers",
    [{"authorization": "Basic " + b64encode(f"me:{ANN}".encode()).decode()}, {"api-key": ANN}],
    ids=["basic", "api-key"],
)
async def test_the_key_is_forwarded_from_any_header(
    client: httpx.AsyncClient, backend: FakeTransport, path: str, headers: dict[str, str]
) -> None:
    response = await client.post(path, json={**CHAT, "model": "shared"}, headers=headers)
    assert response.status_code == 200, response.text
    request = backend.requests[-1]
    assert ANN in (request.headers.get("api-key"), request.headers.get("authorization", "")[7:])
    assert "Basic" not in request.headers.get("authorization", "")


async def test_models_are_only_visible_to_their_own_key(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    for _ in range(2):
        assert await names(client, "/api/tags", bearer(ANN)) == ["ann-model", "shared"]
        assert await names(client, "/api/tags", bearer(BOB)) == ["bob-model", "shared"]
    assert len(backend.requests) == 2, "each list is cached"
    body = {**CHAT, "model": "ann-model"}
    assert (await client.post("/api/chat", json=body, headers=bearer(ANN))).status_code == 200
    refused = await client.post("/api/chat", json=body, headers=bearer(BOB))
    assert (refused.status_code, refused.json()["error"]) == (404, "model 'ann-model' not found")
    assert await names(client, "/api/ps", bearer(ANN)) == ["ann-model"]
    assert await names(client, "/api/ps", bearer(BOB)) == []
    shown = await client.post("/api/show", json={"model": "ann-model"}, headers=bearer("sk-none-0"))
    assert shown.status_code == 401


class Slow(FakeNetwork):
    """A backend that lets other requests run before it responds."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        recorded(request)
        await passes()
        return models_of(request)


async def test_concurrent_requests_receive_the_models_of_their_own_key() -> None:
    keys = [ANN, BOB] * 20
    async with client_of(settings_with(), Slow()) as client:
        seen = await asyncio.gather(*(names(client, "/api/tags", bearer(key)) for key in keys))
    assert seen == [MODELS[key] for key in keys]


async def test_a_request_without_a_key_returns_401_without_a_backend_request(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    for path in ("/api/tags", "/api/ps", "/v1/models"):
        response = await client.get(path)
        assert response.status_code == 401
        assert "this service requires an API key" in response.text
    assert backend.requests == []
    assert (await client.get("/api/version")).status_code == 200


async def test_the_configured_backend_key_is_used_for_requests_without_a_key(
    backend: FakeTransport,
) -> None:
    async with client_of(settings_with(backend_key=BOB), backend) as client:
        assert await names(client, "/api/tags", {}) == ["bob-model", "shared"]
        assert await names(client, "/api/tags", bearer(ANN)) == ["ann-model", "shared"]


async def test_with_api_keys_only_these_are_forwarded(
    backend: FakeTransport,
) -> None:
    async with client_of(settings_with(api_keys=f"ann:{ANN}"), backend) as client:
        assert await names(client, "/api/tags", bearer(ANN)) == ["ann-model", "shared"]
        assert (await client.get("/api/tags", headers=bearer(BOB))).status_code == 401
    assert len(backend.requests) == 1


@pytest.mark.parametrize("path", ["/api/tags", "/v1/models"])
async def test_an_unknown_key_next_to_an_api_key_is_not_forwarded(
    backend: FakeTransport, path: str
) -> None:
    async with client_of(settings_with(api_keys=f"ann:{ANN}"), backend) as client:
        for headers in (
            [("x-api-key", BOB), ("authorization", f"Bearer {ANN}")],
            [("authorization", f"Bearer {BOB}"), ("authorization", f"Bearer {ANN}")],
        ):
            response = await client.get(path, headers=headers)
            assert "ann-model" in response.text
    for request in backend.requests:
        assert BOB not in str(request.headers.raw)


async def test_requests_with_unknown_keys_do_not_evict_other_clients(
    backend: FakeTransport,
) -> None:
    async with client_of(settings_with(api_keys=f"ann:{ANN}"), backend) as client:
        await names(client, "/api/tags", bearer(ANN))
        for number in range(300):  # more than the cache stores
            response = await client.get("/healthz", headers=bearer(f"made-up-{number}"))
            assert response.status_code == 200
        await names(client, "/api/tags", bearer(ANN))
    assert len(backend.requests) == 1, "the list was still cached"


@pytest.mark.parametrize("path", ["/api/tags", "/v1/models"])
async def test_a_clients_key_is_redacted_from_backend_errors(
    client: httpx.AsyncClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "acme_secret_0123456789"
    for headers in (bearer(wrong), {"x-api-key": wrong}):
        response = await client.get(path, headers=headers)
        assert response.status_code == 401
        assert "Incorrect API key provided" in response.text
        assert wrong[:8] not in response.text + caplog.text


async def test_without_pass_through_a_clients_key_is_not_forwarded(
    backend: FakeTransport,
) -> None:
    settings = read_settings(backend_url="http://backend.test/v1", backend_key=BOB)
    async with client_of(settings, backend) as client:
        assert await names(client, "/api/tags", bearer(ANN)) == ["bob-model", "shared"]
