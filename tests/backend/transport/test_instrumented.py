"""What is told of requests to the backend."""

import asyncio

import httpx
import pytest

from ollama_openai_proxy.backend.transport import BackendRequest
from ollama_openai_proxy.backend.transport.instrumented import InstrumentedTransport, named
from ollama_openai_proxy.errors import BackendTimeout
from ollama_openai_proxy.telemetry import BackendAnswered, Observer
from tests.fakes.clock import passes
from tests.fakes.seam import FakeNetwork
from tests.fakes.transport import FakeTransport

URL = "http://acme.test/v1/models"


def asking(id_: str = "") -> BackendRequest:
    return BackendRequest("GET", URL, [("accept-encoding", "identity")], id=id_)


class Told(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.answers: list[BackendAnswered] = []

    def backend_answered(self, details: BackendAnswered) -> None:
        self.answers.append(details)


class Never(FakeNetwork):
    """Does not answer."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError


async def test_an_answer_is_told_with_its_status_and_the_time_to_its_head() -> None:
    told = Told()
    await InstrumentedTransport(FakeTransport(), told).send(asking())
    (answer,) = told.answers
    assert (answer.path, answer.status) == ("/models", "200")
    assert answer.duration is not None
    assert answer.duration > 0


async def test_a_failure_is_told_by_its_kind_and_goes_on() -> None:
    told = Told()
    broken = FakeTransport().reply("/models", httpx.ConnectTimeout("slow"))
    with pytest.raises(BackendTimeout):
        await InstrumentedTransport(broken, told).send(asking())
    assert told.answers == [
        BackendAnswered(path="/models", status="backend_timeout", duration=None)
    ]


async def test_one_that_is_given_up_is_told_of_as_well() -> None:
    told = Told()
    waiting = asyncio.create_task(InstrumentedTransport(Never(), told).send(asking()))
    await passes()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert [answer.status for answer in told.answers] == ["cancelled"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/chat/completions", "/chat/completions"),
        ("/v1/completions", "/completions"),
        ("/openai/deployments/x/embeddings", "/embeddings"),
        ("/v1/models", "/models"),
        ("/v1/models/acme%2F7b", "/models/{model}"),
        ("/v1/audio/transcriptions", "/audio/transcriptions"),
        ("/props", "/props"),
        ("/v1/elsewhere", "other"),
    ],
)
def test_a_path_has_one_of_few_names(path: str, name: str) -> None:
    assert named(path) == name
