"""The outermost layer: what is told of a request, whatever becomes of it."""

import re
from collections.abc import MutableMapping
from typing import Any

import pytest

from ollama_openai_proxy.errors import BackendRefused, BackendUnreachable, ClientLeft
from ollama_openai_proxy.telemetry import Observer, Observers, RequestFinished, metrics_of
from ollama_openai_proxy.telemetry.middleware import TelemetryMiddleware, request_id

type Message = MutableMapping[str, Any]

START: Message = {"type": "http.response.start", "status": 200}


class Told(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.finished: list[RequestFinished] = []
        self.opened: list[str] = []

    def request_finished(self, details: RequestFinished) -> None:
        self.finished.append(details)

    def stream_opened(self, operation: str) -> None:
        self.opened.append(operation)


def body(content: bytes, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


async def observed(app: Any, *headers: tuple[bytes, bytes], **scope: Any) -> tuple[Told, Any]:
    """What is told of a request, and what was sent."""
    told = Told()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("nobody reads")

    whole = {"type": "http", "method": "POST", "path": "/api/chat", "headers": list(headers)}
    await TelemetryMiddleware(app, Observers(told))({**whole, **scope}, receive, send)
    return told, sent


async def whole(scope: Any, receive: Any, send: Any) -> None:
    running = metrics_of(scope)
    running.operation, running.model, running.key = "chat", "acme", "ann"
    running.tokens_in, running.tokens_out = 7, 3
    await send({**START, "headers": [(b"content-length", b"2")]})
    await send(body(b"hi"))


async def test_a_request_ends_in_one_frame_of_facts() -> None:
    told, _ = await observed(
        whole,
        client=("10.0.0.1", 5),
        path="/api/chat",
        query_string=b"key=x",
    )
    (details,) = told.finished
    assert details.duration > 0
    expected = {
        "operation": "chat", "method": "POST", "path": "/api/chat", "status": 200, "sent": 2,
        "client": "10.0.0.1", "key": "ann", "model": "acme", "tokens_in": 7, "tokens_out": 3,
        "streamed": False, "first_token": None, "kind": None, "fault": None, "reason": None,
    }  # fmt: skip
    assert {name: getattr(details, name) for name in expected} == expected
    assert told.opened == []


async def test_a_stream_tells_when_its_first_piece_went_out_and_how_much_there_was() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        metrics_of(scope).operation = "chat"
        metrics_of(scope).open_stream()
        await send(dict(START))
        await send(body(b"one", more=True))
        await send(body(b"three", more=True))
        await send(body(b""))

    told, _ = await observed(app)
    (details,) = told.finished
    assert told.opened == ["chat"]
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
async def test_an_id_is_the_clients_if_it_can_be_used(given: bytes, kept: bool) -> None:
    told, sent = await observed(whole, (b"x-request-id", given))
    answered = dict(sent[0]["headers"])[b"x-request-id"]
    assert told.finished[0].request_id == answered.decode()
    assert (answered == given) is kept
    assert re.fullmatch(rb"[A-Za-z0-9._-]{1,128}", answered)


def test_ids_of_ours_differ() -> None:
    assert len({request_id([]) for _ in range(1000)}) == 1000


async def test_an_id_that_the_backend_gave_is_kept_beside_ours() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({**START, "headers": [(b"x-request-id", b"req_7")]})
        await send(body(b""))

    told, sent = await observed(app, (b"x-request-id", b"mine"))
    assert sent[0]["headers"] == [(b"x-backend-request-id", b"req_7"), (b"x-request-id", b"mine")]
    assert told.finished[0].backend_request_id == "req_7"


async def test_a_failure_before_the_status_is_whosever_its_status_says() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        metrics_of(scope).fail(BackendRefused("a prompt may stand here", 429))
        await send({**START, "status": 429})
        await send(body(b"{}"))

    (details,) = (await observed(app))[0].finished
    assert (details.status, details.kind, details.fault) == (429, "backend_refused", "client")
    assert details.reason is None, "the backend's words may repeat what was said"


async def test_a_failure_behind_the_status_is_ours_and_the_first_one_counts() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(dict(START))
        metrics_of(scope).fail(BackendRefused("slow down", 429))
        metrics_of(scope).fail(BackendUnreachable("broke"))
        await send(body(b""))

    (details,) = (await observed(app))[0].finished
    assert (details.status, details.kind, details.fault) == (200, "backend_refused", "server")


async def test_why_the_backend_could_not_be_asked_is_told() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        metrics_of(scope).fail(BackendUnreachable("cannot reach the backend: acme:80"))
        await send({**START, "status": 502})

    (details,) = (await observed(app))[0].finished
    assert details.reason == "cannot reach the backend: acme:80"


async def test_a_client_that_leaves_early_has_the_status_499() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        metrics_of(scope).disconnect()
        metrics_of(scope).fail(ClientLeft("the client left"))

    (details,) = (await observed(app))[0].finished
    assert (details.status, details.kind, details.fault) == (499, "client_left", "client")


async def test_a_client_that_leaves_on_the_way_is_no_fault_of_ours() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(dict(START))
        await send(body(b"a", more=True))
        metrics_of(scope).disconnect()
        metrics_of(scope).fail(BackendUnreachable("cut off"))
        await send(body(b""))

    (details,) = (await observed(app))[0].finished
    assert (details.status, details.kind, details.fault) == (200, "client_left", "client")
    assert details.reason is None


async def test_a_client_that_leaves_behind_the_end_has_not_left() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(dict(START))
        await send(body(b"all"))
        metrics_of(scope).disconnect()

    (details,) = (await observed(app))[0].finished
    assert (details.status, details.kind) == (200, None)


async def test_an_application_that_raises_is_told_of_as_well() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("unforeseen")

    told = Told()
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    with pytest.raises(RuntimeError):
        await TelemetryMiddleware(app, Observers(told))(scope, None, None)  # type: ignore[arg-type]
    assert [details.status for details in told.finished] == [500]


async def test_what_is_no_request_passes_unseen() -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    told = Told()
    await TelemetryMiddleware(app, Observers(told))({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert (seen, told.finished) == (["lifespan"], [])


class Broken(Observer):
    """Fails at everything."""

    def request_finished(self, details: RequestFinished) -> None:
        raise RuntimeError("no room left")

    def stream_opened(self, operation: str) -> None:
        raise RuntimeError("no room left")

    backend_answered = request_finished  # type: ignore[assignment]
    contract_violated = stream_opened  # type: ignore[assignment]

    def unsolicited_data(self) -> None:
        raise RuntimeError("no room left")


def test_an_observer_that_fails_harms_neither_the_request_nor_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = Told()
    observers = Observers(Broken(), told)
    observers.stream_opened("chat")
    observers.contract_violated("backend")
    observers.unsolicited_data()
    observers.backend_answered(None)  # type: ignore[arg-type]
    observers.request_finished(None)  # type: ignore[arg-type]
    assert (told.opened, len(told.finished)) == (["chat"], 1)
    assert caplog.text.count("Broken failed") == 5
