"""Readiness checks: their reasons, caching and timeouts."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from ollama_openai_proxy.lifecycle import Lifecycle
from ollama_openai_proxy.services import readiness as _readiness
from ollama_openai_proxy.services.readiness import Readiness
from tests.fakes.backends import open_backend
from tests.fakes.clock import passes
from tests.fakes.limits import HANG
from tests.fakes.seam import FakeNetwork
from tests.fakes.transport import FakeTransport, json_reply

ERROR = {"error": {"message": "bad key sk-test-secret"}}


class Clock:
    """A clock that the test sets, in seconds."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Slow(FakeTransport):
    """A backend that responds once `released` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.released = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        await self.released.wait()
        return response


def readiness_of(
    transport: FakeNetwork,
    clock: Callable[[], float] | None = None,
    lifecycle: Lifecycle | None = None,
    *,
    any_key: bool = False,
) -> Readiness:
    backend = open_backend("http://acme.test/v1", "sk-test-secret", transport)
    return Readiness(backend, lifecycle or Lifecycle(), clock or Clock(), any_key=any_key)


@pytest.mark.parametrize("status", [200, 403, 404, 405, 429, 501])
async def test_a_backend_that_responds_is_ready(backend: FakeTransport, status: int) -> None:
    backend.reply("/models", json_reply({"data": []} if status == 200 else ERROR, status))
    assert await readiness_of(backend).reasons() == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (httpx.ConnectError("refused by 10.1.2.3:80"), "the backend is unreachable"),
        (httpx.ReadTimeout("slow"), "the backend did not respond in time"),
        (httpx.RemoteProtocolError("half"), "the backend sent an invalid response"),
        (json_reply(ERROR, 401), "the backend rejects our API key; check OPENAI_API_KEY"),
        (json_reply(ERROR, 500), "the backend returns status 500"),
        (json_reply(ERROR, 503), "the backend returns status 503"),
    ],
)
async def test_a_failure_is_reported_without_the_backends_address_or_key(
    backend: FakeTransport,
    caplog: pytest.LogCaptureFixture,
    reply: Exception | Callable[[httpx.Request], httpx.Response],
    reason: str,
) -> None:
    readiness = readiness_of(backend.reply("/models", reply))
    assert await readiness.reasons() == [reason]
    assert f"not_ready reason={reason!r}" in caplog.text
    assert "sk-test-secret" not in caplog.text


async def test_a_rejected_key_is_ignored_if_clients_bring_their_own(
    backend: FakeTransport,
) -> None:
    backend.reply("/models", json_reply(ERROR, 401))
    assert await readiness_of(backend, any_key=True).reasons() == []


async def test_concurrent_checks_share_one_request() -> None:
    backend = Slow()
    readiness = readiness_of(backend)
    pending = [asyncio.create_task(readiness.reasons()) for _ in range(50)]
    await asyncio.sleep(0)
    pending[0].cancel()  # a cancelled caller must not affect the others
    await passes()
    backend.released.set()
    results = await asyncio.gather(*pending, return_exceptions=True)
    assert results[1:] == [[]] * 49
    assert len(backend.requests) == 1


async def test_results_are_cached_for_a_few_seconds(
    backend: FakeTransport, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    readiness = readiness_of(backend.reply("/models", httpx.ConnectError("no")), clock)
    for _ in range(20):
        assert await readiness.reasons() != []
        clock.seconds += 0.1
    assert len(backend.requests) == 1
    backend.reply("/models", json_reply({"data": []}))
    clock.seconds += 3
    with caplog.at_level("INFO"):
        assert await readiness.reasons() == []
    assert len(backend.requests) == 2
    assert caplog.text.count("not_ready") == 1
    assert "ready_again" in caplog.text


async def test_a_silent_backend_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_readiness, "_PATIENCE", 0.05)
    readiness = readiness_of(Slow())
    async with asyncio.timeout(HANG):
        assert await readiness.reasons() == ["the backend did not respond in time"]


async def test_a_draining_service_is_not_ready_and_sends_no_request(backend: FakeTransport) -> None:
    lifecycle = Lifecycle()
    readiness = readiness_of(backend, lifecycle=lifecycle)
    lifecycle.draining = True
    assert await readiness.reasons() == ["the service is shutting down"]
    assert backend.requests == []


async def test_closing_cancels_a_pending_check() -> None:
    readiness = readiness_of(Slow())
    pending = asyncio.create_task(readiness.reasons())
    await passes()
    await readiness.aclose()
    with pytest.raises(asyncio.CancelledError):
        await pending
