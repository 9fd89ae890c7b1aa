"""Telemetry of one request, carried in the ASGI scope and in the Request object."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ..errors import BackendTimeout, BackendUnreachable, ClientLeft, Fault, ProxyError
from .events import Observer, RequestFinished

type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_KEY = "ollama_openai_proxy.request_metrics"
_HEADER = b"x-request-id"
_BACKEND_HEADER = b"x-backend-request-id"
_SAFE_TO_LOG = (BackendTimeout, BackendUnreachable)
"""Failures whose messages are safe to log; a message from the backend may repeat content."""


class RequestMetrics:
    """Facts recorded while a request is served. `clock` returns monotonic ns."""

    __slots__ = (
        "_began", "_clock", "_complete", "_fault", "_first", "_kind", "_left", "_observer",
        "_reason", "_sent", "_status", "_streamed", "backend_request_id", "id", "key", "model",
        "operation", "tokens_in", "tokens_out",
    )  # fmt: skip

    def __init__(self, id_: str, clock: Callable[[], int], observer: Observer) -> None:
        self._clock = clock
        self._began = clock()
        self._observer = observer
        self.id = id_
        self.operation = "none"
        self.model: str | None = None
        self.key: str | None = None
        self.backend_request_id: str | None = None
        self.tokens_in = 0
        self.tokens_out = 0
        self._status = 0
        self._first = 0
        self._sent = 0
        self._streamed = False
        self._complete = False
        self._left = False
        self._kind: str | None = None
        self._fault: Fault | None = None
        self._reason: str | None = None

    def open_stream(self) -> None:
        """Record that the response is streamed as the model generates it."""
        self._streamed = True
        self._observer.stream_opened(self.operation)

    def fail(self, failure: ProxyError) -> None:
        """Record a failure. Later failures are ignored.

        After the status was sent, any failure is the server's fault, unless the client left.
        """
        if self._kind is None:
            self._kind = failure.kind
            midway = self._status and not isinstance(failure, ClientLeft)
            self._fault = "server" if midway else failure.fault
            self._reason = failure.message if isinstance(failure, _SAFE_TO_LOG) else None

    def disconnect(self) -> None:
        """Record that the client disconnected, which is no failure after a complete response."""
        self._left = not self._complete

    def instrument(self, send: Send) -> Send:
        """Wrap `send` to record the response and to add the request id to its headers."""

        def instrumented(message: MutableMapping[str, Any]) -> Awaitable[None]:
            if message["type"] == "http.response.body":
                if not self._first:
                    self._first = self._clock()
                self._sent += len(message.get("body", b""))
                if not message.get("more_body"):
                    self._complete = True
            elif not self._status:  # the server rejects a second start message
                self._status = message["status"]
                message["headers"] = self._with_id(message.get("headers", ()))
            return send(message)

        return instrumented

    def _with_id(self, headers: Any) -> list[tuple[bytes, bytes]]:
        """Add the request id. The backend's id for the request moves to `x-backend-request-id`."""
        with_id = list(headers)
        for index, (name, value) in enumerate(with_id):
            if name == _HEADER:
                with_id[index] = (_BACKEND_HEADER, value)
                self.backend_request_id = value.decode("latin-1")
        with_id.append((_HEADER, self.id.encode()))
        return with_id

    def finish(self, method: str, path: str, client: str | None) -> RequestFinished:
        """The summary of the finished request."""
        if self._left:
            self._kind, self._fault, self._reason = ClientLeft.kind, "client", None
        ended = self._clock()
        return RequestFinished(
            request_id=self.id,
            operation=self.operation,
            method=method,
            path=path,
            client=client,
            key=self.key,
            model=self.model,
            status=self._status or (ClientLeft.status if self._kind == ClientLeft.kind else 500),
            duration=ended - self._began,
            first_token=self._first - self._began if self._streamed and self._first else None,
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            sent=self._sent,
            streamed=self._streamed,
            kind=self._kind,
            fault=self._fault,
            reason=self._reason,
            backend_request_id=self.backend_request_id,
        )


def metrics_of(scope: MutableMapping[str, Any]) -> RequestMetrics:
    """The metrics in an ASGI scope; unobserved ones if no middleware attached any."""
    metrics: RequestMetrics | None = scope.get(_KEY)
    return metrics if metrics is not None else unobserved()


def measure(scope: MutableMapping[str, Any], metrics: RequestMetrics) -> None:
    """Attach the metrics to an ASGI scope."""
    scope[_KEY] = metrics


def unobserved() -> RequestMetrics:
    """Metrics without observers, for code that runs without the middleware."""
    return RequestMetrics("", lambda: 0, Observer())
