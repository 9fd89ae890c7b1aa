"""What is sent to a client, held against specs/ollama.yaml while it goes out."""

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
    """An ASGI `send` for one answer of an operation.

    The head waits for the first of the body, and a document for its end, so that one that is not
    as specified can still become an error where that is wanted.
    """

    def __init__(self, described: Described, send: Send, reporter: ViolationReporter) -> None:
        self._described = described
        self._send = send
        self._reporter = reporter
        self._body: BodyValidator = UnvalidatedBody()
        self._violations: list[str] = []
        self._held: list[Message] = []
        self._over = False

    async def __call__(self, message: Message) -> None:
        """Sends a message, or keeps it until more is known. Raises ProxyError when it is in vain."""
        if self._over:
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
                "client", f"the answer of {self._described.name}", violations
            )
            if self._reporter.enforces:
                await self._break_off(text)
                raise ProxyError(text)
        self._held.append(message)
        if ends or isinstance(self._body, NDJSONBody):
            await self._let_go()

    def _begin(self, message: Message) -> None:
        headers = {name.lower(): value for name, value in message.get("headers", ())}
        media_type = headers.get(b"content-type", b"").decode("latin-1")
        status = message["status"]
        found, body = response_violations(
            _SPEC, self._described, status, media_type, violations_if_closed
        )
        self._violations, self._body = found, body
        self._held.append(message)

    async def _let_go(self) -> None:
        held, self._held = self._held, []
        for message in held:
            await self._send(message)

    async def _break_off(self, text: str) -> None:
        """An error in place of the answer, or, once its head is out, as its last line."""
        self._over = True
        error = msgspec.json.encode({"error": text})
        if self._held:
            length = b"%d" % len(error)
            headers = [(b"content-type", _JSON), (b"content-length", length)]
            await self._send({"type": "http.response.start", "status": 500, "headers": headers})
        else:
            error += b"\n"
        await self._send({"type": "http.response.body", "body": error})


class ValidatedOperation:
    """An operation whose answers are held against the specification."""

    def __init__(
        self, operation: Operation, described: Described, reporter: ViolationReporter
    ) -> None:
        self._operation = operation
        self._described = described
        self._reporter = reporter

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers one request."""
        with contextlib.suppress(ProxyError):  # it has been told in place of the answer
            await self._operation(scope, receive, Outgoing(self._described, send, self._reporter))


def validated(
    operations: Mapping[str, Operation], reporter: ViolationReporter, but: Collection[str] = ()
) -> dict[str, Operation]:
    """The operations by operationId, each of them validated except those in `but` and HEAD."""
    known = described(_SPEC)
    return {
        name: operation
        if name in but or name.endswith("_head")
        else ValidatedOperation(operation, known[name], reporter)
        for name, operation in operations.items()
    }
