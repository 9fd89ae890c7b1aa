"""Resolution of model names, and Ollama's errors for empty, invalid and unknown names."""

from typing import Any

import httpx
import pytest

from ollama_openai_proxy import app
from ollama_openai_proxy.config.settings import Settings, read_settings
from tests.fakes.client import client_of
from tests.fakes.clock import clock_of
from tests.fakes.transport import FakeTransport, completion, json_reply

MESSAGES = [{"role": "user", "content": "hi"}]
BODIES: dict[str, dict[str, Any]] = {
    "/api/chat": {"messages": MESSAGES, "stream": False},
    "/api/generate": {"prompt": "hi", "stream": False},
    "/api/embed": {"input": "hi"},
    "/api/embeddings": {"prompt": "hi"},
    "/api/show": {},
}
EMPTY = {
    "/api/chat": (400, "model is required"),
    "/api/generate": (404, "model '{}' not found"),
    "/api/embed": (404, "model '{}' not found"),
    "/api/embeddings": (400, "model is required"),
    "/api/show": (400, "model is required"),
}
MISSING = {
    "/api/chat": "model '{}' not found",
    "/api/generate": "model '{}' not found",
    "/api/embed": 'model "{}" not found, try pulling it first',
    "/api/embeddings": 'model "{}" not found, try pulling it first',
    "/api/show": "model '{}' not found",
}
BAD = [
    "a b", "bad/", "/bad", ":bad", "a:", "a//b", "a/b/c/d/e", "-x", "x:-y", "x:y:z",
    "x@sha256:abc", "x" * 81, "é", "x\ny", ".x",
]  # fmt: skip


@pytest.fixture
def backend() -> FakeTransport:
    transport = FakeTransport()
    transport.reply("/chat/completions", json_reply(completion()))
    transport.reply("/embeddings", json_reply({"data": [{"index": 0, "embedding": [1.0]}]}))
    return transport


async def failure(client: httpx.AsyncClient, path: str, name: Any) -> tuple[int, Any]:
    response = await client.post(path, json={**BODIES[path], "model": name})
    assert list(response.json()) == ["error"]
    return response.status_code, response.json()["error"]


@pytest.mark.parametrize("path", BODIES)
async def test_an_empty_name_is_rejected_with_the_error_of_the_operation(
    kept_client: httpx.AsyncClient, backend: FakeTransport, path: str
) -> None:
    status, text = EMPTY[path]
    assert await failure(kept_client, path, "") == (status, text.format(""))
    assert await failure(kept_client, path, " \t") == (status, text.format(" \t"))
    assert await failure(kept_client, path, None) == (status, text.format(""))
    response = await kept_client.post(path, json=BODIES[path])
    assert (response.status_code, response.json()["error"]) == (status, text.format(""))
    assert backend.requests == []


@pytest.mark.parametrize("path", BODIES)
async def test_a_null_body_is_a_request_without_a_name(
    kept_client: httpx.AsyncClient, path: str
) -> None:
    response = await kept_client.post(path, content=b"null")
    status, text = EMPTY[path]
    assert (response.status_code, response.json()["error"]) == (status, text.format(""))


@pytest.mark.parametrize("path", BODIES)
async def test_a_model_unknown_to_the_backend_returns_404(
    kept_client: httpx.AsyncClient, path: str
) -> None:
    shown = "Nope:latest" if path == "/api/show" else "Nope"
    assert await failure(kept_client, path, "Nope") == (404, MISSING[path].format(shown))
    for name in ("nope:7b", "user/nope:7b", "gpt-4o:7b", "gpt"):
        shown = "gpt:latest" if (path, name) == ("/api/show", "gpt") else name
        assert await failure(kept_client, path, name) == (404, MISSING[path].format(shown))


@pytest.mark.parametrize("path", BODIES)
async def test_an_invalid_name_returns_400(kept_client: httpx.AsyncClient, path: str) -> None:
    failures = {name: await failure(kept_client, path, name) for name in BAD}
    assert failures == dict.fromkeys(BAD, (400, "invalid model name"))


@pytest.mark.parametrize(
    "name", ["gpt-4o", "gpt-4o:latest", "GPT-4o", "Gpt-4O:LATEST", " gpt-4o ", "gpt-4o:Latest"]
)
async def test_model_names_ignore_case_and_the_latest_tag(
    kept_client: httpx.AsyncClient, backend: FakeTransport, name: str
) -> None:
    for path, body in BODIES.items():
        response = await kept_client.post(path, json={**body, "model": name})
        assert response.status_code == 200, (path, response.text)
        assert response.json().get("model", name) == name, "the response repeats the requested name"
    sent = backend.asked("/chat/completions") + backend.asked("/embeddings")
    assert [body["model"] for body in sent] == ["gpt-4o"] * 4, "the backend receives its own id"


@pytest.mark.parametrize(
    "id_",
    ["meta-llama/Llama-3.1-8B:free", "Org/Model", "weird name (v2)", "qwen3:8b", "a/b/c/d/e"],
)
async def test_every_id_that_the_backend_lists_can_be_used(
    client: httpx.AsyncClient, backend: FakeTransport, id_: str
) -> None:
    backend.reply("/models", json_reply({"data": [{"id": id_}]}))
    (listed,) = (await client.get("/api/tags")).json()["models"]
    for name in (id_, listed["name"], id_.upper()):
        response = await client.post("/api/chat", json={**BODIES["/api/chat"], "model": name})
        assert response.status_code == 200, (name, response.text)
    assert [body["model"] for body in backend.asked("/chat/completions")] == [id_] * 3


async def test_ids_that_differ_only_by_case_are_distinguished(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/models", json_reply({"data": [{"id": "acme"}, {"id": "ACME"}]}))
    for name in ("acme", "ACME"):
        await client.post("/api/chat", json={**BODIES["/api/chat"], "model": name})
    assert [body["model"] for body in backend.asked("/chat/completions")] == ["acme", "ACME"]


@pytest.mark.parametrize("path", BODIES)
async def test_name_is_used_if_model_is_missing_or_empty(
    kept_client: httpx.AsyncClient, path: str
) -> None:
    for body in ({"name": "gpt-4o"}, {"name": "gpt-4o", "model": ""}):
        response = await kept_client.post(path, json={**BODIES[path], **body})
        assert response.status_code == 200, response.text
    response = await kept_client.post(
        path, json={**BODIES[path], "name": "nope", "model": "gpt-4o"}
    )
    assert response.status_code == 200, "`name` is used only if `model` is missing"


@pytest.mark.parametrize(
    ("setting", "models", "status", "sent"),
    [
        pytest.param("auto", [{"id": "gpt-4o"}], 404, None, id="auto-with-a-list"),
        pytest.param("auto", None, 200, "new", id="auto-without-a-list"),
        pytest.param("refuse", None, 404, None, id="refuse-without-a-list"),
        pytest.param("pass", [{"id": "gpt-4o"}], 200, "new", id="pass-with-a-list"),
    ],
)
async def test_unlisted_models_are_forwarded_or_rejected_as_configured(
    backend: FakeTransport, setting: str, models: Any, status: int, sent: str | None
) -> None:
    listing = json_reply({"data": models}) if models else json_reply({"detail": "no"}, 404)
    backend.reply("/models", listing)
    settings = read_settings(backend_url="http://backend.test/v1", unlisted_models=setting)
    async with client_of(settings, backend) as client:
        for name in ("new", "new:latest"):
            response = await client.post("/api/chat", json={**BODIES["/api/chat"], "model": name})
            assert response.status_code == status
    assert {body["model"] for body in backend.asked("/chat/completions")} == ({sent} - {None})


async def test_a_new_model_is_found_without_waiting_for_the_cache_to_expire(
    settings: Settings, backend: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(app, "time", clock_of(lambda: now[0]))
    async with client_of(settings, backend) as client:
        assert (await client.post("/api/show", json={"model": "gpt-4o"})).status_code == 200
        assert (await client.post("/api/show", json={"model": "new"})).status_code == 404
        backend.reply("/models", json_reply({"data": [{"id": "new"}]}))
        now[0] += 1.05
        assert (await client.post("/api/show", json={"model": "new"})).status_code == 200
