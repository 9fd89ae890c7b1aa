"""Handler responses with a planted fault."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from ollama_openai_proxy.errors import ProxyError
from ollama_openai_proxy.web.responses import Response, Send, WholeResponse

from .faults import CHANGES, WRONG_ERROR_STATUS, WRONG_STATUS, Names


def faulty(
    function: Callable[..., Awaitable[Response]], fault: str, required: Names
) -> Callable[..., Awaitable[Response]]:
    """Wrap the handler's function so that its successful responses or its errors have the fault."""

    async def handle(*arguments: Any) -> Response:
        try:
            response = await function(*arguments)
        except ProxyError as failure:
            if fault == "accept":
                return WholeResponse(b"{}")
            if fault == "error status":
                failure.status = WRONG_ERROR_STATUS
            raise
        return (
            response if fault in ("accept", "error status") else Faulty(response, fault, required)
        )

    return handle


class Faulty:
    """A response whose fault is applied if its status is below 300."""

    def __init__(self, response: Response, fault: str, required: Names) -> None:
        self._response = response
        self._fault = fault
        self._required = required

    async def send(self, send: Send) -> None:
        """Send the response with the fault."""
        await self._response.send(_Tap(send, self._fault, self._required))


class _Tap:
    """An ASGI `send` that plants the fault. It delays the response start until the first body."""

    def __init__(self, send: Send, fault: str, required: Names) -> None:
        self._send = send
        self._fault = fault
        self._required = required
        self._start: Any = None
        self._last = b""
        self._whole = b""

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start["status"] >= 300:
            await self._begin()
            await self._send(message)
        elif self._is(b"application/x-ndjson"):
            await self._lines(message)
        else:
            await self._document(message)

    def _is(self, media_type: bytes) -> bool:
        own: bytes = dict(self._start["headers"]).get(b"content-type", b"")
        return own.startswith(media_type)

    async def _begin(self) -> None:
        if not self._start.get("sent"):
            self._start["sent"] = True
            await self._send({key: self._start[key] for key in ("type", "status", "headers")})

    async def _lines(self, message: Any) -> None:
        body = message.get("body", b"")
        if self._fault == "status":
            self._start["status"] = WRONG_STATUS
        elif self._fault in CHANGES and not self._start.get("sent"):
            first, _, rest = body.partition(b"\n")
            body = self._changed(first) + b"\n" + rest
        self._last = body.strip().rpartition(b"\n")[2] or self._last
        if self._fault == "extra line" and not message.get("more_body"):
            body += self._last + b"\n"
        await self._begin()
        await self._send({**message, "body": body})

    async def _document(self, message: Any) -> None:
        if self._fault == "status":
            self._start["status"] = WRONG_STATUS
        if self._fault not in (*CHANGES, "text"):
            await self._begin()
            await self._send(message)
            return
        self._whole += message.get("body", b"")
        if message.get("more_body"):
            return
        whole = self._whole[:-1] if self._fault == "text" else self._whole
        if self._fault in CHANGES and self._is(b"application/json"):
            whole = self._changed(whole)
        headers = [pair for pair in self._start["headers"] if pair[0] != b"content-length"]
        self._start["headers"] = [*headers, (b"content-length", b"%d" % len(whole))]
        await self._begin()
        await self._send({"type": "http.response.body", "body": whole})

    def _changed(self, text: bytes) -> bytes:
        return json.dumps(CHANGES[self._fault](json.loads(text), self._required)).encode()
