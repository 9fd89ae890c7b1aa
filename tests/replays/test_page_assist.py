"""Page Assist.

A browser extension: it sends an origin and CORS preflight requests, and hides embedding models.
"""

from typing import Any

import httpx

from tests.fakes.transport import FakeTransport
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, content, document, last_line, reply_with

ORIGIN = "chrome-extension://jfgfiigpkhlkbnfnbobbkinehhfdhndo"


async def test_cors_preflight_requests_of_the_extension_succeed(
    kept_client: httpx.AsyncClient,
) -> None:
    response = await kept_client.options(
        "/api/chat",
        headers={
            "origin": ORIGIN,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        },
    )
    assert response.is_success
    assert response.headers["access-control-allow-origin"] in ("*", ORIGIN)
    assert "content-type" in response.headers["access-control-allow-headers"].lower()


async def test_chat_models_have_no_embedding_family(
    kept_client: httpx.AsyncClient,
) -> None:
    assert (await kept_client.get("/")).is_success
    tags = document(await kept_client.get("/api/tags"), dict[str, list[dict[str, Any]]])
    for model in tags["models"]:
        assert not {"bert", "nomic-bert"} & set(model["details"]["families"])


async def test_a_chat_is_streamed(backend: FakeTransport, post: Post) -> None:
    reply_with(backend, *content("Hel", "lo"))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi","images":[]}}],'
        '"stream":true,"keep_alive":"5m","options":{"temperature":null,"num_ctx":2048}}'
    )
    assert last_line(await post("/api/chat", body)).done
