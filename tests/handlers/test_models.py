"""GET /api/tags, POST /api/show and GET /api/ps: the fields that clients require."""

import re
from datetime import datetime
from typing import Any

import httpx
import msgspec
import pytest
from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.config.settings import Settings
from ollama_openai_proxy.handlers.chat import chat
from ollama_openai_proxy.handlers.models import ps
from ollama_openai_proxy.services.context import Clock
from ollama_openai_proxy.services.request import Request
from ollama_openai_proxy.telemetry.request_metrics import unobserved
from tests.fakes.client import client_of
from tests.fakes.services import services_with
from tests.fakes.transport import FakeTransport, json_reply

MANY = {
    "data": [
        {"id": "acme-7b", "created": 1_700_000_000, "context_length": 8192},
        {"id": "acme-vision", "created": 1_800_000_000, "capabilities": ["vision"]},
        {"id": "nomic-embed-text:v1.5"},
        {"id": "org/Acme-70B", "created": 4_000_000_000},
        {"id": "bare"},
    ]
}
DETAILS = {"parent_model", "format", "family", "families", "parameter_size", "quantization_level"}


@pytest.fixture
def backend() -> FakeTransport:
    return FakeTransport().reply("/models", json_reply(MANY))


async def tags(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    models = (await client.get("/api/tags")).json()["models"]
    return {model["name"]: model for model in models}


async def shown(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    response = await client.post("/api/show", json={"model": name})
    assert response.status_code == 200
    document: dict[str, Any] = response.json()
    return document


def check_details(details: dict[str, Any]) -> None:
    assert details.keys() >= DETAILS
    assert all(isinstance(details[key], str) for key in DETAILS - {"families"})
    assert isinstance(details["families"], list)


async def test_every_model_is_listed_with_a_tag(client: httpx.AsyncClient) -> None:
    assert set(await tags(client)) == {
        "acme-7b:latest",
        "acme-vision:latest",
        "nomic-embed-text:v1.5",
        "org/Acme-70B:latest",
        "bare:latest",
    }


async def test_an_entry_has_every_field_that_clients_need(client: httpx.AsyncClient) -> None:
    for name, entry in (await tags(client)).items():
        assert entry["model"] == name
        assert datetime.fromisoformat(entry["modified_at"]).tzinfo is not None
        assert isinstance(entry["size"], int)
        assert entry["size"] >= 0
        assert re.fullmatch(r"[0-9a-f]{64}", entry["digest"])
        check_details(entry["details"])


async def test_digests_are_unique_and_survive_a_restart(
    client: httpx.AsyncClient, settings: Settings, backend: FakeTransport
) -> None:
    before = {name: entry["digest"] for name, entry in (await tags(client)).items()}
    assert len(set(before.values())) == len(before)
    async with client_of(settings, backend) as again:
        assert {name: entry["digest"] for name, entry in (await tags(again)).items()} == before


async def test_the_digest_changes_with_the_capabilities(
    client: httpx.AsyncClient, settings: Settings, backend: FakeTransport
) -> None:
    before = (await tags(client))["bare:latest"]["digest"]
    backend.reply("/models", json_reply({"data": [{"id": "bare", "capabilities": ["vision"]}]}))
    async with client_of(settings, backend) as again:
        assert (await tags(again))["bare:latest"]["digest"] != before


async def test_models_are_sorted_newest_first_and_no_date_is_in_the_future(
    client: httpx.AsyncClient,
) -> None:
    entries = (await client.get("/api/tags")).json()["models"]
    times = [datetime.fromisoformat(entry["modified_at"]) for entry in entries]
    assert times == sorted(times, reverse=True)
    assert all(time <= datetime.now(time.tzinfo) for time in times)


async def test_without_models_the_list_is_empty(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/models", json_reply({"data": []}))
    assert (await client.get("/api/tags")).json() == {"models": []}


@pytest.mark.parametrize(
    ("reply", "status", "word"),
    [
        (httpx.ConnectError("refused"), 502, "refused"),
        (httpx.ReadTimeout("slow"), 504, "in time"),
        (json_reply({"error": {"message": "bad key"}}, 401), 401, "bad key"),
        (json_reply({"detail": "Not Found"}, 404), 501, "Not Found"),
        (json_reply({"detail": "Method Not Allowed"}, 405), 501, "Not Allowed"),
        (json_reply({"detail": "No api-version"}, 400), 501, "api-version"),
        pytest.param(json_reply("what?"), 502, "list", marks=pytest.mark.invalid_answers),
    ],
    ids=["unreachable", "timeout", "401", "404", "405", "400", "nonsense"],
)
async def test_a_backend_without_a_model_list_is_an_error_with_the_reason(
    client: httpx.AsyncClient, backend: FakeTransport, reply: Any, status: int, word: str
) -> None:
    backend.reply("/models", reply)
    response = await client.get("/api/tags")
    assert response.status_code == status
    assert word in response.json()["error"]


@pytest.mark.parametrize("model", MANY["data"], ids=lambda model: model["id"])
async def test_show_has_every_field_that_clients_need(
    client: httpx.AsyncClient, model: dict[str, Any]
) -> None:
    document = await shown(client, model["id"])
    for key in ("license", "modelfile", "parameters", "template"):
        assert isinstance(document[key], str)
    assert datetime.fromisoformat(document["modified_at"]).tzinfo is not None
    assert isinstance(document["capabilities"], list)
    check_details(document["details"])
    info = document["model_info"]
    architecture = info["general.architecture"]
    assert [key for key in info if "context_length" in key] == [f"{architecture}.context_length"]
    assert isinstance(info[f"{architecture}.context_length"], int)
    assert info["general.basename"]


async def test_the_context_length_comes_from_the_backend_or_else_the_settings(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    for name, length in (("acme-7b", 8192), ("bare", settings.context_length)):
        info = (await shown(client, name))["model_info"]
        assert info[f"{info['general.architecture']}.context_length"] == length


async def test_the_template_mentions_tools_if_the_model_supports_them(
    client: httpx.AsyncClient,
) -> None:
    assert ".Tools" in (await shown(client, "bare"))["template"]
    embedding = await shown(client, "nomic-embed-text:v1.5")
    assert ".Tools" not in embedding["template"]
    assert ".Suffix" not in embedding["template"]


async def test_an_embedding_model_has_only_the_embedding_capability(
    client: httpx.AsyncClient,
) -> None:
    document = await shown(client, "nomic-embed-text:v1.5")
    assert document["capabilities"] == ["embedding"]
    assert document["details"]["families"] == ["bert"]
    assert (await tags(client))["nomic-embed-text:v1.5"]["capabilities"] == ["embedding"]


async def test_a_vision_model_has_the_capability_and_the_family(client: httpx.AsyncClient) -> None:
    document = await shown(client, "acme-vision")
    assert "vision" in document["capabilities"]
    assert {"clip", "mllama"} & set(document["details"]["families"])


async def test_tags_and_show_agree(client: httpx.AsyncClient) -> None:
    for name, entry in (await tags(client)).items():
        document = await shown(client, name)
        assert document["modified_at"] == entry["modified_at"]
        assert document["capabilities"] == entry["capabilities"]
        assert document["details"] == {key: entry["details"][key] for key in document["details"]}


async def test_no_model_is_loaded_at_the_start(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/ps")).json() == {"models": []}


async def test_a_loaded_model_has_every_field(client: httpx.AsyncClient) -> None:
    await client.post("/api/chat", json={"model": "ACME-7b"})
    (model,) = (await client.get("/api/ps")).json()["models"]
    entry = (await tags(client))["acme-7b:latest"]
    assert list(model) == [
        "name", "model", "size", "digest", "details", "expires_at", "size_vram", "context_length",
    ]  # fmt: skip
    assert model["name"] == model["model"] == "acme-7b:latest"
    assert model["digest"] == entry["digest"]
    assert set(model["details"]) == DETAILS
    assert model["context_length"] == 8192


async def test_keep_alive_zero_unloads_a_model(client: httpx.AsyncClient) -> None:
    await client.post("/api/chat", json={"model": "acme-7b"})
    await client.post("/api/generate", json={"model": "bare", "keep_alive": -1})
    entries = (await client.get("/api/ps")).json()["models"]
    assert [entry["name"] for entry in entries] == ["bare:latest", "acme-7b:latest"]
    await client.post("/api/generate", json={"model": "bare", "keep_alive": 0})
    (remaining,) = (await client.get("/api/ps")).json()["models"]
    assert remaining["name"] == "acme-7b:latest"


async def test_a_model_is_unloaded_when_its_keep_alive_expires(
    settings: Settings, backend: FakeTransport
) -> None:
    now = 1_800_000_000 * 10**9
    services = services_with(settings, backend, Clock(lambda: now, lambda: now), keep_alive=300)
    await chat(Request(services, unobserved()), ollama.ChatRequest(model="bare"))
    counts = []
    for seconds in (299, 2):
        now += seconds * 10**9
        document: Any = await ps(Request(services, unobserved()))
        counts.append(len(msgspec.json.decode(document.body)["models"]))
    assert counts == [1, 0]


async def test_show_returns_the_error_if_the_key_is_rejected(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/models", json_reply({"error": {"message": "bad key"}}, 401))
    response = await client.post("/api/show", json={"model": "acme-7b"})
    assert (response.status_code, response.json()) == (401, {"error": "bad key"})
