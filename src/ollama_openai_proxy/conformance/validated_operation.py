"""Validates our responses against specs/ollama.yaml while they are sent."""

import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from typing import Any

import msgspec

from ..errors import ProxyError
from .bodies import (
    BodyValidator,
    NDJSONBody,
    UnvalidatedBody,
    response_violations,
    violations_if_closed,
)
from .contract import Described
from .contract import operations as described
from .violations import ViolationReporter

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Operation = Callable[[Message, Receive, Send], Awaitable[None]]

_SPEC = "ollama.yaml"
_JSON = b"application/json; charset=utf-8"


class Outgoing:
    """An ASGI `send` that validates one response.

    The response's head is buffered until the first part of the body, and a JSON document until its
    end, so that an invalid response can be replaced with an error if violations are enforced.
    """

    def __init__(self, described: Described, send: Send, reporter: ViolationReporter) -> None:
        self._described = described
        self._send = send
        self._reporter = reporter
        self._body: BodyValidator = UnvalidatedBody()
        self._violations: list[str] = []
        self._buffered: list[Message] = []
        self._failed = False

    async def __call__(self, message: Message) -> None:
        """Send or buffer a message.

        Raises ProxyError for an invalid response if violations are enforced, after sending the
        error to the client.
        """
        if self._failed:
            return
        if message["type"] == "http.response.start":
            self._begin(message)
            return
        data = message.get("body", b"")
        ends = not message.get("more_body")
        violations = self._violations + self._body.receive(data)
        if ends:
            violations += self._body.close()
        self._violations = []
        if violations:
            text = self._reporter.report(
                "client", f"the response of {self._described.name}", violations
            )
            if self._reporter.enforces:
                await self._fail(text)
                raise ProxyError(text)
        self._buffered.append(message)
        if ends or isinstance(self._body, NDJSONBody):
            await self._flush()

    def _begin(self, message: Message) -> None:
        headers = {name.lower(): value for name, value in message.get("headers", ())}
        media_type = headers.get(b"content-type", b"").decode("latin-1")
        status = message["status"]
        found, body = response_violations(
            _SPEC, self._described, status, media_type, violations_if_closed
        )
        self._violations, self._body = found, body
        self._buffered.append(message)

    async def _flush(self) -> None:
        buffered, self._buffered = self._buffered, []
        for message in buffered:
            await self._send(message)

    async def _fail(self, text: str) -> None:
        """Send an error instead of the response, or as its final line if the head has been sent."""
        self._failed = True
        error = msgspec.json.encode({"error": text})
        if self._buffered:
            length = b"%d" % len(error)
            headers = [(b"content-type", _JSON), (b"content-length", length)]
            await self._send({"type": "http.response.start", "status": 500, "headers": headers})
        else:
            error += b"\n"
        await self._send({"type": "http.response.body", "body": error})


class ValidatedOperation:
    """An operation whose responses are validated against the specification."""

    def __init__(
        self, operation: Operation, described: Described, reporter: ViolationReporter
    ) -> None:
        self._operation = operation
        self._described = described
        self._reporter = reporter

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one request."""
        with contextlib.suppress(ProxyError):  # Outgoing has already sent it to the client
            await self._operation(scope, receive, Outgoing(self._described, send, self._reporter))


def validated(
    operations: Mapping[str, Operation], reporter: ViolationReporter, but: Collection[str] = ()
) -> dict[str, Operation]:
    """Wrap operations (by operationId) in validation, except HEAD and those named in `but`."""
    known = described(_SPEC)
    return {
        name: operation
        if name in but or name.endswith("_head")
        else ValidatedOperation(operation, known[name], reporter)
        for name, operation in operations.items()
    }
