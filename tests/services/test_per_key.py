"""What is lent to clients with keys of their own."""

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


class Lender:
    """Lends copies, and keeps for which keys."""

    def __init__(self, ours: Services) -> None:
        self._ours = ours
        self.lent: list[Keys] = []

    def __call__(self, keys: Keys) -> Services:
        self.lent.append(keys)
        backend = self._ours.backend.with_keys(keys)
        catalogue = Catalogue(backend, 10, time.monotonic)
        models = Models(catalogue, self._ours.settings, backend.host)
        return replace(self._ours, backend=backend, models=models)


def bearer(key: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"localhost"), (b"authorization", b"Bearer " + key.encode())]


async def test_a_key_has_the_same_services_again_and_another_has_others(ours: Services) -> None:
    lender = Lender(ours)
    clients = PerKeyServices(ours, lender)
    first = clients.services(bearer("one"))
    assert clients.services(bearer("one")) is first
    assert clients.services([(b"x-api-key", b"one")]) is first
    assert clients.services(bearer("two")) is not first
    assert lender.lent == [("one",), ("two",)]


async def test_who_brings_none_has_ours(ours: Services) -> None:
    lender = Lender(ours)
    for headers in ([], [(b"authorization", b"Bearer")], [(b"host", b"one")]):
        assert PerKeyServices(ours, lender).services(headers) is ours
    assert lender.lent == []


async def test_several_keys_at_once_are_another_client(ours: Services) -> None:
    clients = PerKeyServices(ours, Lender(ours))
    both = clients.services([*bearer("one"), (b"x-api-key", b"two")])
    assert both is not clients.services(bearer("one"))
    assert both is not clients.services([*bearer("two"), (b"x-api-key", b"one")])
    for key in ("one", "two", "onetwo"):
        assert both is not clients.services(bearer(key))


async def test_those_who_have_not_come_for_longest_are_forgotten(ours: Services) -> None:
    lender = Lender(ours)
    clients = PerKeyServices(ours, lender)
    kept, gone = clients.services(bearer("kept")), clients.services(bearer("gone"))
    for number in range(_clients._MOST - 1):
        assert clients.services(bearer("kept")) is kept
        clients.services(bearer(f"other-{number}"))
    assert clients.services(bearer("kept")) is kept
    assert clients.services(bearer("gone")) is not gone
    assert len(clients._by_key) == _clients._MOST


async def test_at_the_end_the_readings_of_lists_end(ours: Services, backend: FakeTransport) -> None:
    clients = PerKeyServices(ours, Lender(ours))
    reading = asyncio.create_task(clients.services(bearer("one")).models.all())
    await asyncio.sleep(0)
    await clients.aclose()
    await asyncio.gather(reading, return_exceptions=True)
    assert reading.done()
