"""Events that the telemetry middleware reports for requests of every outcome."""

import re
from collections.abc import MutableMapping
from typing import Any

import pytest

from ollama_openai_proxy.errors import BackendRefused, BackendUnreachable, ClientLeft
from ollama_openai_proxy.telemetry import Observer, Observers, RequestFinished, metrics_of
from ollama_openai_proxy.telemetry.middleware import TelemetryMiddleware, request_id

type Message = MutableMapping[str, Any]

START: Message = {"type": "http.response.start", "status": 200}


class RecordingObserver(Observer):
    """Records the events that it receives."""

    def __init__(self) -> None:
        self.finished: list[RequestFinished] = []
        self.opened: list[str] = []

    def request_finished(self, details: RequestFinished) -> None:
        self.finished.append(details)

    def stream_opened(self, operation: str) -> None:
        self.opened.append(operation)


def body(content: bytes, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


async def observed(
    app: Any, *headers: tuple[bytes, bytes], **scope: Any
) -> tuple[RecordingObserver, Any]:
    """Send a request to `app`; return the recorded events and the messages of the response."""
    observer = RecordingObserver()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("receive() must not be called")

    whole = {"type": "http", "method": "POST", "path": "/api/chat", "headers": list(headers)}
    await TelemetryMiddleware(app, Observers(observer))({**whole, **scope}, receive, send)
    return observer, sent


async def whole(scope: Any, receive: Any, send: Any) -> None:
    running = metrics_of(scope)
    running.operation, running.model, running.key = "chat", "acme", "ann"
    running.tokens_in, running.tokens_out = 7, 3
    await send({**START, "headers": [(b"content-length", b"2")]})
    await send(body(b"hi"))


async def test_one_event_is_reported_per_request() -> None:
    observer, _ = await observed(
        whole,
        client=("10.0.0.1", 5),
        path="/api/chat",
        query_string=b"key=x",
    )
    (details,) = observer.finished
    assert details.duration > 0
    expected = {
        "operation": "chat", "method": "POST", "path": "/api/chat", "status": 200, "sent": 2,
        "client": "10.0.0.1", "key": "ann", "model": "acme", "tokens_in": 7, "tokens_out": 3,
        "streamed": False, "first_token": None, "kind": None, "fault": None, "reason": None,
    }  # fmt: skip
    assert {name: getattr(details, name) for name in expected} == expected
    assert observer.opened == []


async def test_a_stream_is_reported_with_its_time_to_first_token_and_size() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        metrics_of(scope).operation = "chat"
        metrics_of(scope).open_stream()
        await send(dict(START))
        await send(body(b"one", more=True))
        await send(body(b"three", more=True))
        await send(body(b""))

    observer, _ = await observed(app)
    (details,) = observer.finished
    assert observer.opened == ["chat"]
    assert details.first_token is not None
    assert 0 < details.first_token < details.duration
    assert (details.streamed, details.sent) == (True, 8)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (b"abc", True),
        (b"A-z_0.9" * 18, True),
        (b"a" * 129, False),
        (b"", False),
        (b"a b", False),
        (b"a\n", False),
        (b"\xc3\xa9", False),
        (b'"}', False),
    ],
)
async def test_a_valid_request_id_of_the_client_is_used(given: bytes, kept: bool) -> None:
    observer, sent = await observed(whole, (b"x-request-id", given))
    returned = dict(sent[0]["headers"])[b"x-request-id"]
    assert observer.finished[0].request_id == returned.decode()
    assert (returned == given) is kept
    assert re.fullmatch(rb"[A-Za-z0-9._-]{1,128}", returned)


def test_generated_request_ids_are_unique() -> None:
    assert len({request_id([]) for _ in range(1000)}) == 1000


async def test_the_backends_request_id_is_returned_in_a_separate_header() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({**START, "headers": [(b"x-request-id", b"req_7")]})
        await send(body(b""))

    observer, sent = await observed(app, (b"x-request-id", b"mine"))
    assert sent[0]["headers"] == [(b"x-backend-request-id", b"req_7"), (b"x-request-id", b"mine")]
    assert observer.finished[0].backend_request_id == "req_7"


async def test_the_fault_of_an_early_failure_depends_on_the_status() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        metrics_of(scope).fail(BackendRefused("a prompt may stand here", 429))
        await send({**START, "status": 429})
        await send(body(b"{}"))

    (details,) = (await observed(app))[0].finished
    assert (details.status, details.kind, details.fault) == (429, "backend_refused", "client")
    assert details.reason is None, "the backend's message may quote the prompt"


async def test_a_failure_mid_stream_is_the_servers_fault_and_the_first_is_reported() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(dict(START))
        metrics_of(scope).fail(BackendRefused("slow down", 429))
        metrics_of(scope).fail(BackendUnreachable("broke"))
        await send(body(b""))

    (details,) = (await observed(app))[0].finished
    assert (details.status, details.kind, details.fault) == (200, "backend_refused", "server")


async def test_the_reason_for_an_unreachable_backend_is_reported() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        metrics_of(scope).fail(BackendUnreachable("cannot reach the backend: acme:80"))
        await send({**START, "status": 502})

    (details,) = (await observed(app))[0].finished
    assert details.reason == "cannot reach the backend: acme:80"


async def test_a_disconnect_before_the_response_is_reported_as_499() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        metrics_of(scope).disconnect()
        metrics_of(scope).fail(ClientLeft("the client left"))

    (details,) = (await observed(app))[0].finished
    assert (details.status, details.kind, details.fault) == (499, "client_left", "client")


async def test_a_disconnect_mid_stream_is_the_clients_fault() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(dict(START))
        await send(body(b"a", more=True))
        metrics_of(scope).disconnect()
        metrics_of(scope).fail(BackendUnreachable("cut off"))
        await send(body(b""))

    (details,) = (await observed(app))[0].finished
    assert (details.status, details.kind, details.fault) == (200, "client_left", "client")
    assert details.reason is None


async def test_a_disconnect_after_the_response_is_ignored() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(dict(START))
        await send(body(b"all"))
        metrics_of(scope).disconnect()

    (details,) = (await observed(app))[0].finished
    assert (details.status, details.kind) == (200, None)


async def test_a_request_whose_application_raises_is_reported() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("unforeseen")

    observer = RecordingObserver()
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    with pytest.raises(RuntimeError):
        await TelemetryMiddleware(app, Observers(observer))(scope, None, None)  # type: ignore[arg-type]
    assert [details.status for details in observer.finished] == [500]


async def test_non_http_scopes_are_not_reported() -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    observer = RecordingObserver()
    await TelemetryMiddleware(app, Observers(observer))({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert (seen, observer.finished) == (["lifespan"], [])


class Broken(Observer):
    """Raises an exception for every event."""

    def request_finished(self, details: RequestFinished) -> None:
        raise RuntimeError("no room left")

    def stream_opened(self, operation: str) -> None:
        raise RuntimeError("no room left")

    backend_answered = request_finished  # type: ignore[assignment]
    contract_violated = stream_opened  # type: ignore[assignment]

    def unsolicited_data(self) -> None:
        raise RuntimeError("no room left")


def test_a_failing_observer_affects_neither_the_request_nor_other_observers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    observer = RecordingObserver()
    observers = Observers(Broken(), observer)
    observers.stream_opened("chat")
    observers.contract_violated("backend")
    observers.unsolicited_data()
    observers.backend_answered(None)  # type: ignore[arg-type]
    observers.request_finished(None)  # type: ignore[arg-type]
    assert (observer.opened, len(observer.finished)) == (["chat"], 1)
    assert caplog.text.count("observer_failed observer=Broken") == 5


def test_observers_forward_every_event() -> None:
    events = {name for name in vars(Observer) if not name.startswith("_")}
    assert events <= set(vars(Observers))
