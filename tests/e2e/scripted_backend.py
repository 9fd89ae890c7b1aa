"""A fake backend on a real socket with scripted replies, for what the small model cannot do."""

import json
import select
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.fakes.limits import HANG
from tests.fakes.recorder import RECORDER
from tests.fakes.transport import MODELS

type Step = bytes | float | threading.Event
"""Bytes to send, seconds to wait, or an event to wait for."""

_POLL = 0.02
"""Seconds between two checks of whether an event is set."""


class Reply(NamedTuple):
    """One response. `steps` send its body, each in a chunk of its own."""

    steps: tuple[Step, ...]
    status: int = 200
    media_type: str = "text/event-stream"


type Script = Reply | Callable[[dict[str, Any]], Reply]
"""A reply, or a function that creates it from the decoded request body."""


def streamed(*steps: Step) -> Reply:
    """An event stream with status 200."""
    return Reply(steps)


def whole(document: Any, status: int = 200) -> Reply:
    """A JSON document."""
    return Reply((json.dumps(document).encode(),), status, "application/json")


class ScriptedBackend:
    """Responds to each POST with the next of `replies`, and to each GET with `models`.

    `requests` has the decoded bodies of the POSTs. `closed` is set when a client closes its
    connection before the response is complete.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.models: Any = MODELS
        self.replies: deque[Script] = deque()
        self.requests: list[dict[str, Any]] = []
        self.closed = threading.Event()

    def enqueue(self, *replies: Script) -> None:
        self.replies.extend(replies)

    def reset(self) -> None:
        self.replies.clear()
        self.requests.clear()
        self.closed.clear()


class _Server(ThreadingHTTPServer):
    backend: ScriptedBackend


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle(self) -> None:
        with suppress(ConnectionError):  # clients may reset idle connections
            super().handle()

    def do_GET(self) -> None:
        self._play(whole(self.server.backend.models), self._recorded(None))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        backend = self.server.backend
        backend.requests.append(json.loads(body))
        script: Script = whole({"error": {"message": "no scripted reply is left"}}, 500)
        if backend.replies:
            script = backend.replies.popleft()
        reply = script if isinstance(script, Reply) else script(backend.requests[-1])
        self._play(reply, self._recorded(body))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the base class)
        pass

    def _recorded(self, body: bytes | None) -> bool:
        return RECORDER.asked(self.command, self.path, self.headers.items(), body)

    def _play(self, reply: Reply, is_recorded: bool) -> None:
        if is_recorded:
            played = (self.command, self.path, reply.status, reply.media_type, reply.steps)
            RECORDER.answered(*played)
        try:
            self.send_response(reply.status)
            self.send_header("content-type", reply.media_type)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for step in reply.steps:
                if isinstance(step, bytes):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(step), step))
                elif isinstance(step, threading.Event):
                    while not step.is_set():
                        self._pause(_POLL)
                else:
                    self._pause(step)
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            self.close_connection = True
            self.server.backend.closed.set()

    def _pause(self, seconds: float) -> None:
        """Wait. Raises ConnectionResetError if the client closes its connection."""
        readable, _, _ = select.select([self.connection], [], [], seconds)
        if readable and not self.connection.recv(1, socket.MSG_PEEK):
            raise ConnectionResetError


@contextmanager
def scripted() -> Iterator[ScriptedBackend]:
    """Run the backend in a thread."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.backend = ScriptedBackend(f"http://127.0.0.1:{server.server_port}/v1")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.backend
        finally:
            server.shutdown()
            thread.join(HANG)
