"""Page Assist.

A browser's extension: it has an origin, asks before it posts, and hides models that embed.
"""

from typing import Any

import httpx

from tests.fakes.transport import FakeTransport
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, document, last_line, says, streams

ORIGIN = "chrome-extension://jfgfiigpkhlkbnfnbobbkinehhfdhndo"


async def test_the_browser_lets_it_post(kept_client: httpx.AsyncClient) -> None:
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


async def test_models_that_chat_are_not_of_a_family_that_embeds(
    kept_client: httpx.AsyncClient,
) -> None:
    assert (await kept_client.get("/")).is_success
    told = document(await kept_client.get("/api/tags"), dict[str, list[dict[str, Any]]])
    for model in told["models"]:
        assert not {"bert", "nomic-bert"} & set(model["details"]["families"])


async def test_it_streams(backend: FakeTransport, post: Post) -> None:
    streams(backend, *says("Hel", "lo"))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi","images":[]}}],'
        '"stream":true,"keep_alive":"5m","options":{"temperature":null,"num_ctx":2048}}'
    )
    assert last_line(await post("/api/chat", body)).done
