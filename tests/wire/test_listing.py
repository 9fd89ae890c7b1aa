"""Raw requests for model lists, with the lists of every known backend."""

import re
from typing import Any

import httpx
import pytest

from ollama_openai_proxy.config.settings import read_settings
from tests.fakes.client import client_of
from tests.fakes.transport import FakeTransport, json_reply

JSON = "application/json; charset=utf-8"
ENTRY = ["name", "model", "modified_at", "size", "digest", "details", "capabilities"]
DETAILS = ["parent_model", "format", "family", "families", "parameter_size", "quantization_level"]
SHOW = [
    "license", "modelfile", "parameters", "template", "details", "model_info", "capabilities",
    "modified_at",
]  # fmt: skip
PS = ["name", "model", "size", "digest", "details", "expires_at", "size_vram", "context_length"]

LLAMACPP = {
    "models": [{"name": "smol", "type": "model", "capabilities": ["completion"]}],
    "data": [
        {
            "id": "smol", "object": "model", "created": 1795403637, "owned_by": "llamacpp",
            "aliases": ["smol"], "architecture": {"input_modalities": ["text"]},
            "meta": {
                "n_ctx": 4096, "n_ctx_train": 8192, "n_embd": 576, "n_params": 134515008,
                "size": 96576768, "ftype": "Q4_K - Medium",
            },
        }
    ],
}  # fmt: skip


def props(*, tools: bool, vision: bool = False, template: str = "") -> dict[str, Any]:
    return {
        "default_generation_settings": {"n_ctx": 2048},
        "modalities": {"vision": vision, "audio": False},
        "chat_template": template,
        "chat_template_caps": {"supports_tools": tools},
    }


def model(id_: str = "acme", **fields: Any) -> dict[str, Any]:
    return {"object": "list", "data": [{"id": id_, "object": "model", **fields}]}


OPENROUTER = model(
    "acme/acme-1",
    context_length=1_000_000,
    architecture={"input_modalities": ["text", "image"], "output_modalities": ["text"]},
    supported_parameters=["tools", "reasoning", "temperature"],
    top_provider={"context_length": 500_000},
)
MISTRAL = model(
    max_context_length=131_072,
    type="base",
    capabilities={"completion_chat": True, "function_calling": True, "vision": True},
)
LM_STUDIO = model(
    type="vlm",
    arch="qwen2vl",
    quantization="4bit",
    loaded_context_length=4096,
    max_context_length=32_768,
    capabilities=["tool_use"],
)


@pytest.mark.parametrize(
    ("host", "listed", "properties", "capabilities", "length", "level"),
    [
        ("h.test", LLAMACPP, props(tools=False), ["completion"], 2048, "Q4_K_M"),
        ("h.test", LLAMACPP, props(tools=True), ["completion", "tools"], 2048, "Q4_K_M"),
        (
            "h.test", LLAMACPP, props(tools=True, vision=True, template="<think>"),
            ["completion", "tools", "vision", "thinking"], 2048, "Q4_K_M",
        ),
        ("h.test", LLAMACPP, None, ["completion", "tools"], 4096, "Q4_K_M"),
        ("h.test", model(owned_by="vllm", max_model_len=40_960), None, ["completion", "tools"], 40_960, None),
        ("h.test", OPENROUTER, None, ["completion", "tools", "vision", "thinking"], 1_000_000, None),
        (
            "h.test", [{"id": "acme", "type": "chat", "context_length": 8192}], None,
            ["completion", "tools"], 8192, None,
        ),
        ("h.test", [{"id": "acme", "type": "embedding", "context_length": 512}], None, ["embedding"], 512, None),
        ("h.test", [{"id": "acme", "type": "image"}], None, ["image"], 32_768, None),
        ("h.test", MISTRAL, None, ["completion", "tools", "vision"], 131_072, None),
        (
            "api.groq.com", model("llama-3.3-70b-versatile", context_window=9999), None,
            ["completion", "tools"], 9999, None,
        ),
        (
            "h.test", model(context_length=8192, supports_tools=False, supports_image_input=True), None,
            ["completion", "vision"], 8192, None,
        ),
        ("h.test", LM_STUDIO, None, ["completion", "tools", "vision"], 4096, "4bit"),
        ("api.openai.com", model("gpt-4o"), None, ["completion", "tools", "vision"], 128_000, None),
        ("api.openai.com", model("text-embedding-3-small"), None, ["embedding"], 8191, None),
        ("h.test", model("never-heard-of"), None, ["completion", "tools"], 32_768, None),
    ],
    ids=[
        "llama.cpp", "llama.cpp, tools", "llama.cpp, all", "llama.cpp without props", "vLLM",
        "OpenRouter", "Together", "Together, embedding", "Together, image", "Mistral", "Groq",
        "Fireworks", "LM Studio", "OpenAI", "OpenAI, embedding", "the default",
    ],
)  # fmt: skip
async def test_metadata_from_the_backend_is_shown(
    *,
    host: str,
    listed: Any,
    properties: Any,
    capabilities: list[str],
    length: int,
    level: str | None,
) -> None:
    backend = FakeTransport().reply("/models", json_reply(listed))
    if properties is not None:
        backend.reply("/props", json_reply(properties))
    async with client_of(read_settings(backend_url=f"https://{host}/v1"), backend) as client:
        [entry] = (await client.get("/api/tags")).json()["models"]
        shown = (await client.post("/api/show", json={"model": entry["name"]})).json()
    assert entry["capabilities"] == shown["capabilities"] == capabilities
    assert entry["details"]["context_length"] == length
    info = shown["model_info"]
    assert info[f"{info['general.architecture']}.context_length"] == length
    levels = {entry["details"]["quantization_level"], shown["details"]["quantization_level"]}
    assert levels == {level or "unknown"}
    assert len([request for request in backend.requests if request.url.path == "/props"]) <= 1


@pytest.fixture
def backend() -> FakeTransport:
    return (
        FakeTransport()
        .reply("/models", json_reply(LLAMACPP))
        .reply("/props", json_reply(props(tools=True)))
    )


async def test_tags_returns_its_keys_in_order(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/tags")
    assert (response.status_code, response.headers["content-type"]) == (200, JSON)
    assert list(response.json()) == ["models"]
    [entry] = response.json()["models"]
    assert list(entry) == ENTRY
    assert list(entry["details"]) == [*DETAILS, "context_length", "embedding_length"]
    assert entry["name"] == entry["model"] == "smol:latest"
    assert re.fullmatch("[0-9a-f]{64}", entry["digest"])
    assert (entry["size"], entry["details"]["parameter_size"]) == (96_576_768, "134.52M")
    assert (entry["details"]["format"], entry["details"]["embedding_length"]) == ("gguf", 576)


async def test_show_returns_its_keys_in_order(client: httpx.AsyncClient) -> None:
    for body in (
        b'{"model":"smol"}',
        b'{"model":"","name":"SMOL:latest","verbose":false,"options":null}',
    ):
        response = await client.post("/api/show", content=body)
        assert (response.status_code, response.headers["content-type"]) == (200, JSON)
        shown = response.json()
        assert list(shown) == SHOW
        assert list(shown["details"]) == DETAILS
        assert shown["model_info"] == {
            "general.architecture": "smol",
            "general.basename": "smol",
            "general.parameter_count": 134_515_008,
            "smol.context_length": 2048,
            "smol.embedding_length": 576,
        }


async def test_ps_returns_its_keys_in_order(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/ps")
    assert response.content == b'{"models":[]}'
    await client.post("/api/generate", content=b'{"model":"smol:local"}')
    response = await client.get("/api/ps")
    assert (response.status_code, response.headers["content-type"]) == (200, JSON)
    [entry] = response.json()["models"]
    assert list(entry) == PS
    assert list(entry["details"]) == DETAILS
    assert (entry["name"], entry["context_length"]) == ("smol:latest", 2048)


async def test_the_model_list_is_requested_once_and_cached(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    for _ in range(5):
        await client.get("/api/tags")
        await client.post("/api/show", content=b'{"model":"smol"}')
    assert [request.url.path for request in backend.requests] == ["/v1/models", "/props"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/status", b'{"cloud":{"disabled":true,"source":"config"}}'),
        ("/api/version", b'{"version":"0.33.0"}'),
        ("/api/experimental/model-recommendations", b'{"recommendations":[]}'),
    ],
)
async def test_constant_responses_match_byte_for_byte(
    client: httpx.AsyncClient, path: str, body: bytes
) -> None:
    response = await client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (200, JSON)
    assert response.content == body


async def test_a_trailing_slash_is_redirected(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/tags/")
    assert (response.status_code, response.headers["location"]) == (301, "/api/tags")
    followed = await client.get("/api/tags/", follow_redirects=True)
    assert list(followed.json()) == ["models"]
    response = await client.post("/api/show/", content=b'{"model":"smol"}')
    assert (response.status_code, response.headers["location"], response.content) == (
        307,
        "/api/show",
        b"",
    )
    followed = await client.post("/api/show/", content=b'{"model":"smol"}', follow_redirects=True)
    assert list(followed.json()) == SHOW
