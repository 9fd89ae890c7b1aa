"""Enchanted, by OllamaKit.

Its decoder wants every field of a model, and dates as Swift reads them.
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
    document,
    last_line,
    says,
    streams,
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


async def test_it_looks_every_few_seconds_whether_the_service_is_up(
    kept_client: httpx.AsyncClient,
) -> None:
    response = await kept_client.head("/")
    assert (response.status_code, response.content) == (200, b"")


async def test_every_field_of_a_model_is_there(kept_client: httpx.AsyncClient, post: Post) -> None:
    [listed] = document(await kept_client.get("/api/tags"), Tags).models
    assert document(await post("/api/show", f'{{"model":"{listed.name}"}}'), Shown).template


async def test_it_chats(backend: FakeTransport, post: Post) -> None:
    streams(backend, *says("Hel", "lo"))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}],"stream":true,'
        '"options":{"temperature":0}}'
    )
    assert last_line(await post("/api/chat", body)).done
