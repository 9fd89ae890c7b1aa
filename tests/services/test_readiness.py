"""Whether requests can be served, and how rarely the backend is asked."""

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
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Slow(FakeTransport):
    """Answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        await self.may.wait()
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
async def test_a_backend_that_answers_is_enough(backend: FakeTransport, status: int) -> None:
    backend.reply("/models", json_reply({"data": []} if status == 200 else ERROR, status))
    assert await readiness_of(backend).reasons() == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (httpx.ConnectError("refused by 10.1.2.3:80"), "the backend cannot be reached"),
        (httpx.ReadTimeout("slow"), "the backend does not answer in time"),
        (httpx.RemoteProtocolError("half"), "the backend's answer cannot be read"),
        (json_reply(ERROR, 401), "the backend does not know our key"),
        (json_reply(ERROR, 500), "the backend answers 500"),
        (json_reply(ERROR, 503), "the backend answers 503"),
    ],
)
async def test_one_that_cannot_serve_is_told_of_without_where_it_is(
    backend: FakeTransport,
    caplog: pytest.LogCaptureFixture,
    reply: Exception | Callable[[httpx.Request], httpx.Response],
    reason: str,
) -> None:
    readiness = readiness_of(backend.reply("/models", reply))
    assert await readiness.reasons() == [reason]
    assert f"not ready: {reason}" in caplog.text
    assert "sk-test-secret" not in caplog.text


async def test_a_key_that_is_refused_is_no_reason_where_clients_bring_theirs(
    backend: FakeTransport,
) -> None:
    backend.reply("/models", json_reply(ERROR, 401))
    assert await readiness_of(backend, any_key=True).reasons() == []


async def test_many_who_ask_at_once_are_one_request() -> None:
    backend = Slow()
    readiness = readiness_of(backend)
    asking = [asyncio.create_task(readiness.reasons()) for _ in range(50)]
    await asyncio.sleep(0)
    asking[0].cancel()  # who leaves takes nothing from the others
    await passes()
    backend.may.set()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert answers[1:] == [[]] * 49
    assert len(backend.requests) == 1


async def test_an_answer_is_good_for_some_seconds_a_bad_one_too(
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
    assert caplog.text.count("not ready") == 1
    assert "ready again" in caplog.text


async def test_a_backend_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_readiness, "_PATIENCE", 0.05)
    readiness = readiness_of(Slow())
    async with asyncio.timeout(HANG):
        assert await readiness.reasons() == ["the backend does not answer in time"]


async def test_who_drains_is_not_ready_and_asks_nobody(backend: FakeTransport) -> None:
    lifecycle = Lifecycle()
    readiness = readiness_of(backend, lifecycle=lifecycle)
    lifecycle.draining = True
    assert await readiness.reasons() == ["the service is shutting down"]
    assert backend.requests == []


async def test_what_is_under_way_ends_with_the_service() -> None:
    readiness = readiness_of(Slow())
    asking = asyncio.create_task(readiness.reasons())
    await passes()
    await readiness.aclose()
    with pytest.raises(asyncio.CancelledError):
        await asking
