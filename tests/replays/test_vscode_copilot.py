"""VS Code Copilot Chat with Ollama models.

It requests the version, the model list and each model, and chats at /v1.
"""

from typing import Any

import httpx
from msgspec import Struct

from tests.fakes.transport import FakeTransport
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, Text, content, document, reply_with

OLDEST = (0, 6, 4)


class Version(Struct):
    version: Text


class Listed(Struct):
    model: Text


class Tags(Struct):
    models: list[Listed]


class Shown(Struct):
    capabilities: list[str]
    model_info: dict[str, Any]


async def test_the_version_is_supported(kept_client: httpx.AsyncClient) -> None:
    found = document(await kept_client.get("/api/version"), Version)
    assert tuple(map(int, found.version.split("."))) >= OLDEST


async def test_each_model_has_a_name_and_a_context_length_and_supports_tools(
    kept_client: httpx.AsyncClient, post: Post
) -> None:
    [listed] = document(await kept_client.get("/api/tags"), Tags).models
    assert listed.model == MODEL
    shown = document(await post("/api/show", f'{{"model":"{listed.model}"}}'), Shown)
    info = shown.model_info
    assert info["general.basename"] == "gpt-4o"
    assert info[f"{info['general.architecture']}.context_length"] > 0
    assert "tools" in shown.capabilities


async def test_chats_are_streamed_through_the_openai_api(
    backend: FakeTransport, post: Post
) -> None:
    reply_with(backend, *content("Hel", "lo"))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}],"stream":true,'
        '"stream_options":{"include_usage":true},"temperature":0.1,"top_p":1,"n":1,'
        '"max_tokens":4096}'
    )
    response = await post("/v1/chat/completions", body)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text.endswith("data: [DONE]\n\n")
    assert '"Hel"' in response.text
    assert backend.asked("/chat/completions")[0]["model"] == "gpt-4o"
