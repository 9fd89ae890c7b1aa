"""A backend on a real socket, for what the small model cannot do: it says what it is told."""

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
"""Bytes to send; seconds, or an event, to wait for."""


_GLANCE = 0.02
"""Seconds between two looks at whether an event is set."""


class Reply(NamedTuple):
    """One answer; `steps` is its body."""

    steps: tuple[Step, ...]
    status: int = 200
    media_type: str = "text/event-stream"


type Told = Reply | Callable[[dict[str, Any]], Reply]
"""A reply, or what makes one of the body that was sent."""


def streamed(*steps: Step) -> Reply:
    return Reply(steps)


def whole(document: Any, status: int = 200) -> Reply:
    return Reply((json.dumps(document).encode(),), status, "application/json")


class ScriptedBackend:
    """Each POST takes the next of `replies`; every GET gets `models`.

    `asked` holds the bodies of the POSTs. `closed` is set when a client closes its connection
    before the answer is over.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.models: Any = MODELS
        self.replies: deque[Told] = deque()
        self.asked: list[dict[str, Any]] = []
        self.closed = threading.Event()

    def will_say(self, *replies: Told) -> None:
        self.replies.extend(replies)

    def reset(self) -> None:
        self.replies.clear()
        self.asked.clear()
        self.closed.clear()


class _Server(ThreadingHTTPServer):
    backend: ScriptedBackend


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle(self) -> None:
        with suppress(ConnectionError):  # an idle connection may break
            super().handle()

    def do_GET(self) -> None:
        self._play(whole(self.server.backend.models), self._recorded(None))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        backend = self.server.backend
        backend.asked.append(json.loads(body))
        told: Told = whole({"error": {"message": "the script is over"}}, 500)
        if backend.replies:
            told = backend.replies.popleft()
        reply = told if isinstance(told, Reply) else told(backend.asked[-1])
        self._play(reply, self._recorded(body))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (its name in the class)
        pass

    def _recorded(self, body: bytes | None) -> bool:
        return RECORDER.asked(self.command, self.path, self.headers.items(), body)

    def _play(self, reply: Reply, is_ours: bool) -> None:
        if is_ours:
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
                        self._pause(_GLANCE)
                else:
                    self._pause(step)
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            self.close_connection = True
            self.server.backend.closed.set()

    def _pause(self, seconds: float) -> None:
        """Waits, but notices when the client closes."""
        readable, _, _ = select.select([self.connection], [], [], seconds)
        if readable and not self.connection.recv(1, socket.MSG_PEEK):
            raise ConnectionResetError


@contextmanager
def scripted() -> Iterator[ScriptedBackend]:
    """Serves in a thread of its own."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.backend = ScriptedBackend(f"http://127.0.0.1:{server.server_port}/v1")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.backend
        finally:
            server.shutdown()
            thread.join(HANG)
