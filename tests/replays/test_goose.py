"""goose.

It gets its models from /api/tags and chats at /v1 with `options`, which only Ollama accepts.
"""

from typing import Any

import httpx

from tests.fakes.transport import FakeTransport
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, WEATHER, content, document, reply_with


async def test_the_models_are_listed(kept_client: httpx.AsyncClient) -> None:
    tags = document(await kept_client.get("/api/tags"), dict[str, list[dict[str, Any]]])
    assert [model["name"] for model in tags["models"]] == [MODEL]


async def test_options_are_not_sent_to_the_backend(backend: FakeTransport, post: Post) -> None:
    reply_with(backend, *content("Hel", "lo"))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}],"tools":[{WEATHER}],'
        '"stream":true,"stream_options":{"include_usage":true},"options":{"num_ctx":32768}}'
    )
    response = await post("/v1/chat/completions", body)
    assert response.status_code == 200, response.text
    assert response.text.endswith("data: [DONE]\n\n")
    assert "options" not in backend.asked("/chat/completions")[0]
