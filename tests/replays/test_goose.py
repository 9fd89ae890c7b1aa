"""goose.

It finds its models in the list, and chats at /v1 with an option that is Ollama's alone.
"""

from typing import Any

import httpx

from tests.fakes.transport import FakeTransport
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, WEATHER, document, says, streams


async def test_it_finds_its_models(kept_client: httpx.AsyncClient) -> None:
    told = document(await kept_client.get("/api/tags"), dict[str, list[dict[str, Any]]])
    assert [model["name"] for model in told["models"]] == [MODEL]


async def test_the_option_does_not_reach_the_backend(backend: FakeTransport, post: Post) -> None:
    streams(backend, *says("Hel", "lo"))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}],"tools":[{WEATHER}],'
        '"stream":true,"stream_options":{"include_usage":true},"options":{"num_ctx":32768}}'
    )
    response = await post("/v1/chat/completions", body)
    assert response.status_code == 200, response.text
    assert response.text.endswith("data: [DONE]\n\n")
    assert "options" not in backend.asked("/chat/completions")[0]
