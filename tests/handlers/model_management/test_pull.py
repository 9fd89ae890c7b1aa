"""POST /api/pull."""

from typing import Any

import httpx
import msgspec
import pytest

from tests.fakes.transport import FakeTransport, json_reply

MISSING = "pull model manifest: file does not exist"
STATUSES = ["pulling manifest", "verifying sha256 digest", "writing manifest", "success"]


def lines(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-ndjson"
    assert response.content.endswith(b"\n")
    return [msgspec.json.decode(line) for line in response.content.splitlines()]


@pytest.mark.parametrize("name", ["gpt-4o", "GPT-4o:latest", "gpt-4o:local"])
async def test_an_available_model_is_pulled_at_once(
    client: httpx.AsyncClient, backend: FakeTransport, name: str
) -> None:
    for body in ({"model": name}, {"name": name}, {"model": "", "name": name, "username": ""}):
        response = await client.post("/api/pull", json=body)
        assert [line["status"] for line in lines(response)] == STATUSES
    response = await client.post("/api/pull", json={"model": name, "stream": False})
    assert (response.status_code, response.content) == (200, b'{"status":"success"}')
    assert {request.url.path for request in backend.requests} == {"/v1/models"}


async def test_a_model_of_known_size_has_a_layer_line(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/models", json_reply({"data": [{"id": "acme", "meta": {"size": 4100}}]}))
    [tag] = (await client.get("/api/tags")).json()["models"]
    layer = lines(await client.post("/api/pull", json={"model": "acme"}))[1]
    assert list(layer) == ["status", "digest", "total", "completed"]
    assert layer == {
        "status": f"pulling {tag['digest'][:12]}",
        "digest": f"sha256:{tag['digest']}",
        "total": 4100,
        "completed": 4100,
    }


async def test_an_unknown_model_is_an_error_line_or_a_500(client: httpx.AsyncClient) -> None:
    streamed = await client.post("/api/pull", json={"model": "nope"})
    assert lines(streamed) == [{"status": "pulling manifest"}, {"error": MISSING}]
    whole = await client.post("/api/pull", json={"model": "nope", "stream": False})
    assert (whole.status_code, whole.json()) == (500, {"error": MISSING})


@pytest.mark.parametrize("name", ["", " ", "a b", "x:y:z", None])
@pytest.mark.parametrize("stream", [True, False])
async def test_an_invalid_name_is_a_400(
    client: httpx.AsyncClient, name: str | None, stream: bool
) -> None:
    response = await client.post("/api/pull", json={"model": name, "stream": stream})
    assert (response.status_code, response.json()) == (400, {"error": "invalid model name"})


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (httpx.ConnectError("refused"), 502),
        (json_reply({"error": {"message": "bad key"}}, 401), 401),
    ],
    ids=["unreachable", "401"],
)
async def test_pull_fails_if_the_model_list_cannot_be_read(
    client: httpx.AsyncClient, backend: FakeTransport, reply: Any, status: int
) -> None:
    backend.reply("/models", reply)
    response = await client.post("/api/pull", json={"model": "gpt-4o"})
    assert response.status_code == status
    assert list(response.json()) == ["error"]
