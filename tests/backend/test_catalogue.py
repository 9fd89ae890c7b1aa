"""The backend's model list: caching, concurrent requests, and the accepted formats."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from ollama_openai_proxy.backend import Catalogue
from ollama_openai_proxy.backend.catalogue import read_list
from ollama_openai_proxy.errors import BackendRefused, BackendUnreachable, BackendViolation
from tests.fakes.backends import open_backend
from tests.fakes.clock import passes
from tests.fakes.limits import HANG
from tests.fakes.recorder import recorded
from tests.fakes.seam import FakeNetwork
from tests.fakes.transport import FakeTransport, json_reply


class Clock:
    """A clock that the test sets, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Slow(FakeNetwork):
    """A backend that returns its model list once `let_go` is set."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        recorded(request)
        await self.let_go.wait()
        return json_reply({"data": [{"id": "slow"}]})(request)


def catalogue_on(transport: FakeNetwork, clock: Clock, *others: FakeNetwork) -> Catalogue:
    backends = [open_backend("http://h/v1", None, t) for t in (transport, *others)]
    return Catalogue(backends[0], 10, clock, backends[1:])


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_the_list_is_cached_until_its_ttl_has_passed(clock: Clock) -> None:
    transport = FakeTransport()
    catalogue = catalogue_on(transport, clock)
    first = await catalogue.listing()
    clock.now += 10
    assert await catalogue.listing() is first
    clock.now += 0.1
    assert (await catalogue.listing()).at == clock.now
    assert len(transport.requests) == 2


async def test_callers_can_choose_the_maximum_age_of_the_list(clock: Clock) -> None:
    transport = FakeTransport()
    catalogue = catalogue_on(transport, clock)
    await catalogue.listing()
    clock.now += 100
    await catalogue.listing(3600)
    assert len(transport.requests) == 1
    await catalogue.listing(99)
    assert len(transport.requests) == 2


async def test_concurrent_callers_share_one_request(clock: Clock) -> None:
    slow = Slow()
    catalogue = catalogue_on(slow, clock)
    waiting = [asyncio.create_task(catalogue.listing()) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    slow.let_go.set()
    listings = await asyncio.gather(*waiting)
    assert {model.id for listing in listings for model in listing.models} == {"slow"}
    assert slow.requests == 1


async def test_a_cancelled_caller_does_not_cancel_the_shared_request(clock: Clock) -> None:
    slow = Slow()
    catalogue = catalogue_on(slow, clock)
    leaves, stays = (asyncio.create_task(catalogue.listing()) for _ in range(2))
    await passes()
    leaves.cancel()
    await asyncio.sleep(0)
    slow.let_go.set()
    assert [model.id for model in (await stays).models] == ["slow"]


async def test_closing_the_catalogue_cancels_a_pending_request(clock: Clock) -> None:
    catalogue = catalogue_on(Slow(), clock)
    waiting = asyncio.create_task(catalogue.listing())
    await passes()
    await asyncio.wait_for(catalogue.aclose(), HANG)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_an_unreachable_backend_raises_and_is_not_cached(clock: Clock) -> None:
    transport = FakeTransport()
    catalogue = catalogue_on(transport.reply("/models", httpx.ConnectError("refused")), clock)
    for _ in range(2):
        with pytest.raises(BackendUnreachable):
            await catalogue.listing()
    assert len(transport.requests) == 2


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (json_reply({"error": {"message": "no list here"}}, 404), BackendRefused),
        (json_reply({"error": {"message": "no key"}}, 401), BackendRefused),
        pytest.param(json_reply("what?"), BackendViolation, marks=pytest.mark.invalid_answers),
    ],
    ids=["404", "401", "a-string"],
)
async def test_without_a_list_the_listing_is_empty_and_has_the_error(
    clock: Clock, reply: Any, error: type[Exception]
) -> None:
    listing = await catalogue_on(FakeTransport().reply("/models", reply), clock).listing()
    assert listing.models == ()
    assert isinstance(listing.error, error)


async def test_models_of_a_second_backend_are_appended_without_duplicates(clock: Clock) -> None:
    other = FakeTransport().reply(
        "/models", json_reply({"data": [{"id": "embedder"}, {"id": "gpt-4o"}]})
    )
    listing = await catalogue_on(FakeTransport(), clock, other).listing()
    assert [model.id for model in listing.models] == ["gpt-4o", "embedder"]


async def test_a_failing_second_backend_is_ignored(clock: Clock) -> None:
    other = FakeTransport().reply("/models", httpx.ConnectError("refused"))
    listing = await catalogue_on(FakeTransport(), clock, other).listing()
    assert [model.id for model in listing.models] == ["gpt-4o"]
    assert listing.error is None


@pytest.mark.parametrize(
    ("document", "ids"),
    [
        pytest.param({"data": [{"id": "a"}, {"id": "b"}]}, ["a", "b"], id="openai"),
        pytest.param({"data": []}, [], id="empty"),
        pytest.param({"models": [{"name": "a"}]}, ["a"], id="models-by-name"),
        pytest.param({"data": [{"id": "a"}], "models": [{"name": "b"}]}, ["a"], id="llama-cpp"),
        pytest.param([{"id": "a"}], ["a"], id="bare-array"),
        pytest.param(["a", "b"], ["a", "b"], id="names-only"),
        pytest.param({"data": [{"id": "models/gemini-2"}]}, ["gemini-2"], id="gemini"),
        pytest.param({"data": [{"id": "a"}, {"id": "a"}]}, ["a"], id="duplicates"),
        pytest.param({"data": [{"id": "a", "created": "x"}]}, ["a"], id="invalid-field"),
        pytest.param(
            {"data": [None, 5, {}, {"id": 5}, {"id": ""}, {"id": None}, [], {"id": "a"}]},
            ["a"],
            id="invalid-entries",
        ),
    ],
)
def test_every_known_list_format_is_read(document: Any, ids: list[str]) -> None:
    assert [model.id for model in read_list(msgspec.json.encode(document))] == ids


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"5", b"{}", b'{"data":null}', b'{"data":{}}', b"<html>", b"\xff", b"[" * 10**5],
)
def test_an_invalid_list_raises_backend_violation(body: bytes) -> None:
    with pytest.raises(BackendViolation):
        read_list(body)


LLAMACPP = {
    "models": [
        {"name": "a", "type": "model", "capabilities": ["completion", "multimodal"]},
        5,
        {"name": []},
    ],
    "data": [{"id": "a", "owned_by": "llamacpp", "architecture": {}, "meta": {"n_ctx": 9}}],
}
PROPERTIES = {
    "default_generation_settings": {"n_ctx": 2048},
    "chat_template_caps": {"supports_tools": False},
}


def test_capabilities_are_taken_from_llamacpps_second_list() -> None:
    (model,) = read_list(msgspec.json.encode(LLAMACPP))
    assert model.capabilities == ["completion", "multimodal"]
    assert model.type is None, "other fields of the second list are ignored"


async def test_llamacpps_properties_are_requested_once_per_list(clock: Clock) -> None:
    transport = FakeTransport().reply("/models", json_reply(LLAMACPP))
    transport.reply("/props", json_reply(PROPERTIES))
    catalogue = catalogue_on(transport, clock)
    for _ in range(3):
        (model,) = (await catalogue.listing()).models
    assert [str(request.url) for request in transport.requests] == [
        "http://h/v1/models",
        "http://h/props",
    ]
    assert model.supports_tools is False
    assert model.meta is not None
    assert model.meta.n_ctx == 2048


@pytest.mark.parametrize(
    "reply",
    [
        httpx.ConnectError("gone"),
        json_reply({"error": "no"}, 404),
        pytest.param(json_reply([1]), marks=pytest.mark.invalid_answers),
    ],
    ids=["unreachable", "404", "an-array"],
)
async def test_the_list_does_not_depend_on_the_properties(clock: Clock, reply: Any) -> None:
    transport = FakeTransport().reply("/models", json_reply(LLAMACPP)).reply("/props", reply)
    (model,) = (await catalogue_on(transport, clock).listing()).models
    assert model.supports_tools is None


async def test_other_backends_are_not_asked_for_properties(clock: Clock) -> None:
    transport = FakeTransport()
    await catalogue_on(transport, clock).listing()
    assert [request.url.path for request in transport.requests] == ["/v1/models"]


async def test_missing_metadata_is_filled_in_from_models_dev(clock: Clock) -> None:
    backend = open_backend("https://api.openai.com/v1", None, FakeTransport())
    (model,) = (await Catalogue(backend, 10, clock).listing()).models
    assert (model.id, model.context_length) == ("gpt-4o", 128_000)
