"""The backend's model list: kept for a while, fetched once, in whatever shape it comes."""

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
    """Seconds, as the test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Slow(FakeNetwork):
    """A model list that comes when it is let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        recorded(request)
        await self.let_go.wait()
        return json_reply({"data": [{"id": "slow"}]})(request)


def catalogue_on(transport: FakeNetwork, clock: Clock, *others: FakeNetwork) -> Catalogue:
    backends = [open_backend("http://h/v1", None, t) for t in (transport, *others)]
    return Catalogue(backends[0], 10, clock, backends[1:])


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_list_is_kept_for_its_time_and_then_asked_for_anew(clock: Clock) -> None:
    transport = FakeTransport()
    catalogue = catalogue_on(transport, clock)
    first = await catalogue.listing()
    clock.now += 10
    assert await catalogue.listing() is first
    clock.now += 0.1
    assert (await catalogue.listing()).at == clock.now
    assert len(transport.requests) == 2


async def test_who_asks_may_want_a_fresher_list_or_take_an_older_one(clock: Clock) -> None:
    transport = FakeTransport()
    catalogue = catalogue_on(transport, clock)
    await catalogue.listing()
    clock.now += 100
    await catalogue.listing(3600)
    assert len(transport.requests) == 1
    await catalogue.listing(99)
    assert len(transport.requests) == 2


async def test_many_who_ask_at_once_share_one_request(clock: Clock) -> None:
    slow = Slow()
    catalogue = catalogue_on(slow, clock)
    waiting = [asyncio.create_task(catalogue.listing()) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    slow.let_go.set()
    listings = await asyncio.gather(*waiting)
    assert {model.id for listing in listings for model in listing.models} == {"slow"}
    assert slow.asked == 1


async def test_one_who_leaves_does_not_end_the_request_that_others_wait_for(clock: Clock) -> None:
    slow = Slow()
    catalogue = catalogue_on(slow, clock)
    leaves, stays = (asyncio.create_task(catalogue.listing()) for _ in range(2))
    await passes()
    leaves.cancel()
    await asyncio.sleep(0)
    slow.let_go.set()
    assert [model.id for model in (await stays).models] == ["slow"]


async def test_a_request_under_way_is_ended_with_the_catalogue(clock: Clock) -> None:
    catalogue = catalogue_on(Slow(), clock)
    waiting = asyncio.create_task(catalogue.listing())
    await passes()
    await asyncio.wait_for(catalogue.aclose(), HANG)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_backend_that_cannot_be_reached_raises_and_is_asked_again(clock: Clock) -> None:
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
    ids=["no-list", "no-key", "nonsense"],
)
async def test_a_backend_that_gives_no_list_has_an_empty_one_and_the_reason(
    clock: Clock, reply: Any, error: type[Exception]
) -> None:
    listing = await catalogue_on(FakeTransport().reply("/models", reply), clock).listing()
    assert listing.models == ()
    assert isinstance(listing.error, error)


async def test_the_models_of_another_backend_stand_behind_without_doubles(clock: Clock) -> None:
    other = FakeTransport().reply(
        "/models", json_reply({"data": [{"id": "embedder"}, {"id": "gpt-4o"}]})
    )
    listing = await catalogue_on(FakeTransport(), clock, other).listing()
    assert [model.id for model in listing.models] == ["gpt-4o", "embedder"]


async def test_another_backend_that_fails_spoils_nothing(clock: Clock) -> None:
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
        pytest.param([{"id": "a"}], ["a"], id="a-bare-array"),
        pytest.param(["a", "b"], ["a", "b"], id="names-alone"),
        pytest.param({"data": [{"id": "models/gemini-2"}]}, ["gemini-2"], id="gemini"),
        pytest.param({"data": [{"id": "a"}, {"id": "a"}]}, ["a"], id="doubles"),
        pytest.param({"data": [{"id": "a", "created": "x"}]}, ["a"], id="an-odd-field"),
        pytest.param(
            {"data": [None, 5, {}, {"id": 5}, {"id": ""}, {"id": None}, [], {"id": "a"}]},
            ["a"],
            id="odd-entries",
        ),
    ],
)
def test_a_list_of_any_shape_is_read(document: Any, ids: list[str]) -> None:
    assert [model.id for model in read_list(msgspec.json.encode(document))] == ids


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"5", b"{}", b'{"data":null}', b'{"data":{}}', b"<html>", b"\xff", b"[" * 10**5],
)
def test_what_is_no_list_is_a_violation(body: bytes) -> None:
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


def test_capabilities_of_a_second_list_are_those_of_the_first_ones_models() -> None:
    (model,) = read_list(msgspec.json.encode(LLAMACPP))
    assert model.capabilities == ["completion", "multimodal"]
    assert model.type is None, "nothing else is taken from there"


async def test_llamacpp_is_asked_for_its_properties_once_with_its_list(clock: Clock) -> None:
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
    ids=["gone", "refused", "nonsense"],
)
async def test_a_list_without_properties_is_a_list(clock: Clock, reply: Any) -> None:
    transport = FakeTransport().reply("/models", json_reply(LLAMACPP)).reply("/props", reply)
    (model,) = (await catalogue_on(transport, clock).listing()).models
    assert model.supports_tools is None


async def test_no_other_backend_is_asked_for_properties(clock: Clock) -> None:
    transport = FakeTransport()
    await catalogue_on(transport, clock).listing()
    assert [request.url.path for request in transport.requests] == ["/v1/models"]


async def test_a_list_that_says_nothing_is_filled_from_what_is_published(clock: Clock) -> None:
    backend = open_backend("https://api.openai.com/v1", None, FakeTransport())
    (model,) = (await Catalogue(backend, 10, clock).listing()).models
    assert (model.id, model.context_length) == ("gpt-4o", 128_000)
