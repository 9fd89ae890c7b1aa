"""Enchanted (OllamaKit).

Its decoder requires every field of a model, and timestamps in the format that Swift parses.
"""

import httpx
from msgspec import Struct

from tests.fakes.transport import FakeTransport
from tests.replays.conftest import Post
from tests.replays.strict import (
    MODEL,
    Moment,
    Natural,
    Text,
    content,
    document,
    last_line,
    reply_with,
)


class Details(Struct):
    parent_model: str
    format: str
    family: str
    families: list[str] | None
    parameter_size: str
    quantization_level: str


class Listed(Struct):
    name: Text
    digest: Text
    size: Natural
    modified_at: Moment
    details: Details


class Tags(Struct):
    models: list[Listed]


class Shown(Struct):
    license: str
    modelfile: str
    parameters: str
    template: str


async def test_the_health_check_succeeds(
    kept_client: httpx.AsyncClient,
) -> None:
    # Sent every few seconds.
    response = await kept_client.head("/")
    assert (response.status_code, response.content) == (200, b"")


async def test_models_have_every_field(kept_client: httpx.AsyncClient, post: Post) -> None:
    [listed] = document(await kept_client.get("/api/tags"), Tags).models
    assert document(await post("/api/show", f'{{"model":"{listed.name}"}}'), Shown).template


async def test_a_chat_is_streamed(backend: FakeTransport, post: Post) -> None:
    reply_with(backend, *content("Hel", "lo"))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}],"stream":true,'
        '"options":{"temperature":0}}'
    )
    assert last_line(await post("/api/chat", body)).done
