"""Services for clients that bring their own backend keys."""

import asyncio
import time
from dataclasses import replace

import pytest

from ollama_openai_proxy.backend import Catalogue
from ollama_openai_proxy.config.settings import Settings
from ollama_openai_proxy.services import per_key as _clients
from ollama_openai_proxy.services.context import Clock, Services
from ollama_openai_proxy.services.models import Models
from ollama_openai_proxy.services.per_key import Keys, PerKeyServices
from tests.fakes.services import services_with
from tests.fakes.transport import FakeTransport

CLOCK = Clock(wall=time.time_ns, monotonic=time.monotonic_ns)


@pytest.fixture
async def ours(settings: Settings, backend: FakeTransport) -> Services:
    return services_with(settings, backend, CLOCK)


class Factory:
    """Creates services for keys, and records the keys."""

    def __init__(self, ours: Services) -> None:
        self._ours = ours
        self.created: list[Keys] = []

    def __call__(self, keys: Keys) -> Services:
        self.created.append(keys)
        backend = self._ours.backend.with_keys(keys)
        catalogue = Catalogue(backend, 10, time.monotonic)
        models = Models(catalogue, self._ours.settings, backend.host)
        return replace(self._ours, backend=backend, models=models)


def bearer(key: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"localhost"), (b"authorization", b"Bearer " + key.encode())]


async def test_services_are_reused_for_the_same_key_only(ours: Services) -> None:
    factory = Factory(ours)
    clients = PerKeyServices(ours, factory)
    first = clients.services(bearer("one"))
    assert clients.services(bearer("one")) is first
    assert clients.services([(b"x-api-key", b"one")]) is first
    assert clients.services(bearer("two")) is not first
    assert factory.created == [("one",), ("two",)]


async def test_a_request_without_a_key_uses_the_shared_services(ours: Services) -> None:
    factory = Factory(ours)
    for headers in ([], [(b"authorization", b"Bearer")], [(b"host", b"one")]):
        assert PerKeyServices(ours, factory).services(headers) is ours
    assert factory.created == []


async def test_each_combination_of_keys_has_its_own_services(ours: Services) -> None:
    clients = PerKeyServices(ours, Factory(ours))
    both = clients.services([*bearer("one"), (b"x-api-key", b"two")])
    assert both is not clients.services(bearer("one"))
    assert both is not clients.services([*bearer("two"), (b"x-api-key", b"one")])
    for key in ("one", "two", "onetwo"):
        assert both is not clients.services(bearer(key))


async def test_the_least_recently_used_services_are_dropped(ours: Services) -> None:
    factory = Factory(ours)
    clients = PerKeyServices(ours, factory)
    used, unused = clients.services(bearer("used")), clients.services(bearer("unused"))
    for number in range(_clients._MOST - 1):
        assert clients.services(bearer("used")) is used
        clients.services(bearer(f"other-{number}"))
    assert clients.services(bearer("used")) is used
    assert clients.services(bearer("unused")) is not unused
    assert len(clients._by_key) == _clients._MOST


async def test_closing_cancels_pending_model_list_requests(
    ours: Services, backend: FakeTransport
) -> None:
    clients = PerKeyServices(ours, Factory(ours))
    pending = asyncio.create_task(clients.services(bearer("one")).models.all())
    await asyncio.sleep(0)
    await clients.aclose()
    await asyncio.gather(pending, return_exceptions=True)
    assert pending.done()
