"""A service on a real socket that answers from a table, with whatever a test puts wrong in it."""

import contextlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

KEY = "sk-smoke-secret-0123456789"
OPEN = ("/api/version", "/healthz", "/readyz")


class Answer(NamedTuple):
    body: bytes
    status: int = 200
    type: str = "application/json"
    hangs: bool = False


def document(status: int = 200, /, **fields: Any) -> Answer:
    return Answer(json.dumps(fields).encode(), status)


def stream(*lines: dict[str, Any], media: str = "application/x-ndjson") -> Answer:
    return Answer(b"".join(json.dumps(line).encode() + b"\n" for line in lines), 200, media)


PART: dict[str, Any] = {"message": {"role": "assistant", "content": "Hi"}, "done": False}
LAST: dict[str, Any] = {"message": {"role": "assistant", "content": ""}, "done": True}
GOOD = {
    "/api/version": document(version="0.33.0"),
    "/api/tags": document(models=[{"name": "a:latest"}]),
    "/api/show": document(capabilities=["completion", "embedding"]),
    "chat": document(**{**PART, "done": True}),
    "chat streamed": stream(PART, LAST),
    "/api/embed": document(embeddings=[[0.6, 0.8], [1, 0]]),
    "unknown model": document(404, error="model not found"),
    "refused": document(401, error="unauthorized"),
}


class _Handler(BaseHTTPRequestHandler):
    answers: dict[str, Answer]

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def _answer(self, body: dict[str, Any]) -> None:
        answer = self.answers.get(self._name(body), document(404, error="not found"))
        if answer.hangs:
            self.rfile.read(1)  # until the client closes the connection
            return
        self.send_response(answer.status)
        self.send_header("content-type", answer.type)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # it does not wait for what takes too long
            self.wfile.write(answer.body)

    def _name(self, body: dict[str, Any]) -> str:
        known = self.headers["authorization"] == f"Bearer {KEY}"
        if self.path not in OPEN and not known and "refused" in self.answers:
            return "refused"
        if self.path != "/api/chat":
            return self.path
        if body["model"].startswith("no-such"):
            return "unknown model"
        return "chat streamed" if body["stream"] else "chat"

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[str]:
    """Serves on a free port of the loopback; yields the URL."""
    handler = type("Handler", (_Handler,), {"answers": answers})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
