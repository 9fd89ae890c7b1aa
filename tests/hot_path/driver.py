"""Requests to the ASGI application, as uvicorn makes them, without a server or a client."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from unittest import mock

from .stand_in import Application, Iteration, Message

_MICROSECOND = 1_000
_START = 1_700_000_000_000_000_000
_ADDRESS = ("127.0.0.1", 11434)
_AFTERWARDS = 3
"""Iterations of the event loop after which the tasks that a request cancelled have ended."""


class WrongResponse(Exception):
    """Raised if the service did not do the work to be counted."""


class Exchange:
    """One request and the messages sent in response. The client stays connected."""

    def __init__(self, application: Application, path: str, body: bytes) -> None:
        self.sent: list[Message] = []
        self._application = application
        self._path = path
        self._body: bytes | None = body

    async def run(self) -> None:
        """Send the request; return when all its tasks have ended."""
        await self._application(self._scope(), self._receive, self._send)
        for _ in range(_AFTERWARDS):
            await Iteration()

    def check(self, parts: int) -> None:
        """Raise WrongResponse unless the status is 200 and the body has at least `parts` parts."""
        status = self.sent[0]["status"]
        bodies = [message["body"] for message in self.sent[1:] if message.get("body")]
        if status != 200 or len(bodies) < parts:
            raise WrongResponse(
                f"{self._path} returned {status} with {len(bodies)} body parts, "
                f"expected 200 with at least {parts}: {b''.join(bodies)[:200]!r}"
            )

    def _scope(self) -> Message:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": self._path,
            "raw_path": self._path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [
                (b"host", b"127.0.0.1:11434"),
                (b"user-agent", b"ollama-python/0.6.3"),
                (b"accept", b"application/json"),
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(self._body or b"")),
            ],
            "client": ("127.0.0.1", 50000),
            "server": _ADDRESS,
            "state": {},
        }

    async def _receive(self) -> Message:
        if self._body is None:
            await asyncio.Event().wait()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _send(self, message: Message) -> None:
        self.sent.append(message)


@contextmanager
def stepping_clock() -> Iterator[None]:
    """Replace the clocks for durations: each reading is 1 µs after the previous one."""
    with ExitStack() as stack:
        for name in ("time_ns", "monotonic_ns", "perf_counter_ns"):
            reading = count(_START, _MICROSECOND).__next__
            stack.enter_context(mock.patch.object(time, name, reading))
        yield
