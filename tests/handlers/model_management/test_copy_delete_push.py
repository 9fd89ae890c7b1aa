"""POST /api/push, POST /api/copy and DELETE /api/delete."""

from typing import Any

import httpx
import pytest

from tests.fakes.transport import FakeTransport

CONFLICT = 'use either :local or :cloud, not both: "x:local:cloud"'
OWNED = "cannot {} models: they are managed by the backend"


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"model": "", "name": ""}, 400, "model is required"),
        ({}, 400, "model is required"),
        ({"model": "a b"}, 500, "unqualified name: a b"),
        ({"model": " "}, 500, "unqualified name:  "),
        ({"model": "x:local:cloud"}, 400, CONFLICT),
        ({"model": "nope"}, 404, "model 'nope' not found"),
        ({"model": "gpt-4o"}, 501, OWNED.format("push")),
        ({"name": "gpt-4o", "stream": False}, 501, OWNED.format("push")),
    ],
)
async def test_push_is_rejected(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, text: str
) -> None:
    response = await client.post("/api/push", json=body)
    assert (response.status_code, response.json()) == (status, {"error": text})


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({}, 400, 'source "" is invalid'),
        ({"source": "a b", "destination": "x"}, 400, 'source "a b" is invalid'),
        ({"source": "gpt-4o"}, 400, 'destination "" is invalid'),
        ({"source": "nope", "destination": "a b"}, 400, 'destination "a b" is invalid'),
        ({"source": "x:local:cloud", "destination": "x"}, 400, 'source "x:local:cloud" is invalid'),
        ({"source": "nope", "destination": "x"}, 404, 'model "nope" not found'),
        ({"source": "gpt-4o", "destination": "x"}, 501, OWNED.format("copy")),
        ({"SOURCE": "GPT-4o:latest", "Destination": "x"}, 501, OWNED.format("copy")),
    ],
)
async def test_copy_is_rejected(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, text: str
) -> None:
    response = await client.post("/api/copy", json=body)
    assert (response.status_code, response.json()) == (status, {"error": text})


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({}, 400, "model is required"),
        ({"model": " "}, 400, "model is required"),
        ({"model": "a b"}, 400, 'name "a b" is invalid'),
        ({"name": "x:y:z"}, 400, 'name "x:y:z" is invalid'),
        ({"model": "x:local:cloud"}, 400, CONFLICT),
        ({"model": "", "name": "nope"}, 404, "model 'nope' not found"),
        ({"model": "gpt-4o"}, 501, OWNED.format("delete")),
        ({"name": "gpt-4o"}, 501, OWNED.format("delete")),
        ({"name": "gpt-4o:local"}, 501, OWNED.format("delete")),
    ],
)
async def test_delete_is_rejected(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, text: str
) -> None:
    response = await client.request("DELETE", "/api/delete", json=body)
    assert (response.status_code, response.json()) == (status, {"error": text})


async def test_delete_does_not_remove_the_model(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    await client.request("DELETE", "/api/delete", json={"model": "gpt-4o"})
    response = await client.post("/api/show", json={"model": "gpt-4o"})
    assert response.status_code == 200
    assert {request.method for request in backend.requests} <= {"GET"}
