"""/v1/models and /v1/models/{model}."""

from typing import Any

import httpx
import pytest

from ollama_openai_proxy.config.settings import Settings
from tests.fakes.client import client_of
from tests.fakes.transport import MODELS, FakeTransport, json_reply


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


def last(backend: FakeTransport) -> httpx.Request:
    return backend.requests[-1]


async def test_the_backends_model_list_is_returned_unchanged(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    raw = b'{"object":"list", "data":[{"id":"gpt-4o","new":1.50}]}'
    backend.reply("/models", lambda _: httpx.Response(200, content=raw))
    response = await client.get("/v1/models?limit=5")
    assert response.content == raw
    assert last(backend).url == "http://backend.test/v1/models?limit=5"


SLASHED: dict[str, Any] = {"data": [*MODELS["data"], {"id": "org/Model.7b", "owned_by": "org"}]}


@pytest.mark.parametrize(
    ("path", "reaches"),
    [
        ("gpt-4o", "gpt-4o"),
        ("gpt-4o:latest", "gpt-4o"),
        ("org/Model.7b", "org%2FModel.7b"),
        ("org/Model.7b/", "org%2FModel.7b"),
        ("org%2FModel.7b", "org%2FModel.7b"),
        ("ORG/model.7b:latest", "org%2FModel.7b"),
    ],
)
async def test_a_single_model_is_requested_by_the_backends_name(
    settings: Settings, backend: FakeTransport, path: str, reaches: str
) -> None:
    raw = b'{"id": "x"}'
    backend.reply("/models", json_reply(SLASHED))
    backend.reply(reaches.rpartition("%2F")[2], lambda _: httpx.Response(200, content=raw))
    async with client_of(settings, backend) as client:
        response = await client.get(f"/v1/models/{path}")
    assert response.content == raw
    assert last(backend).url.raw_path == f"/v1/models/{reaches}".encode()


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_model_is_taken_from_the_list_if_the_backend_returns_no_single_models(
    client: httpx.AsyncClient, backend: FakeTransport, status: int
) -> None:
    backend.reply("/models/gpt-4o", json_reply({}, status))
    response = await client.get("/v1/models/gpt-4o:latest")
    assert response.status_code == 200
    assert response.content == b'{"id":"gpt-4o","object":"model","created":0,"owned_by":"acme"}'


async def test_an_unlisted_model_returns_404(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/models/no/such")
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "model 'no/such' not found"
    assert response.json()["error"]["type"] == "not_found_error"


async def test_a_trailing_slash_returns_the_list(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/models/")).json() == MODELS
