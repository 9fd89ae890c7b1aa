"""Events that observers receive for requests to the backend."""

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


def models_request(id_: str = "") -> BackendRequest:
    return BackendRequest("GET", URL, [("accept-encoding", "identity")], id=id_)


class RecordingObserver(Observer):
    """Records the events that it receives."""

    def __init__(self) -> None:
        self.responses: list[BackendAnswered] = []

    def backend_answered(self, details: BackendAnswered) -> None:
        self.responses.append(details)


class Never(FakeNetwork):
    """A backend that never responds."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_response_is_reported_with_its_status_and_time_to_headers() -> None:
    observer = RecordingObserver()
    await InstrumentedTransport(FakeTransport(), observer).send(models_request())
    (response,) = observer.responses
    assert (response.path, response.status) == ("/models", "200")
    assert response.duration is not None
    assert response.duration > 0


async def test_a_failure_is_reported_by_its_kind_and_raised() -> None:
    observer = RecordingObserver()
    broken = FakeTransport().reply("/models", httpx.ConnectTimeout("slow"))
    with pytest.raises(BackendTimeout):
        await InstrumentedTransport(broken, observer).send(models_request())
    assert observer.responses == [
        BackendAnswered(path="/models", status="backend_timeout", duration=None)
    ]


async def test_a_cancelled_request_is_reported() -> None:
    observer = RecordingObserver()
    waiting = asyncio.create_task(InstrumentedTransport(Never(), observer).send(models_request()))
    await passes()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert [response.status for response in observer.responses] == ["cancelled"]


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
def test_paths_are_mapped_to_a_small_set_of_names(path: str, name: str) -> None:
    assert named(path) == name
