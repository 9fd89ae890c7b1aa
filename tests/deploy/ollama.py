"""A fake service on a real socket with a table of responses that tests can modify."""

import contextlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

KEY = "sk-smoke-secret-0123456789"
OPEN = ("/api/version", "/healthz", "/readyz")


class CannedResponse(NamedTuple):
    """A response. If it `hangs`, nothing is sent until the client disconnects."""

    body: bytes
    status: int = 200
    type: str = "application/json"
    hangs: bool = False


def document(status: int = 200, /, **fields: Any) -> CannedResponse:
    return CannedResponse(json.dumps(fields).encode(), status)


def stream(*lines: dict[str, Any], media: str = "application/x-ndjson") -> CannedResponse:
    return CannedResponse(b"".join(json.dumps(line).encode() + b"\n" for line in lines), 200, media)


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
    "unauthorized": document(401, error="unauthorized"),
}


class _Handler(BaseHTTPRequestHandler):
    canned: dict[str, CannedResponse]

    def do_GET(self) -> None:
        self._respond({})

    def do_POST(self) -> None:
        self._respond(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def _respond(self, body: dict[str, Any]) -> None:
        response = self.canned.get(self._name(body), document(404, error="not found"))
        if response.hangs:
            self.rfile.read(1)  # returns when the client closes the connection
            return
        self.send_response(response.status)
        self.send_header("content-type", response.type)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the client disconnects after its timeout
            self.wfile.write(response.body)

    def _name(self, body: dict[str, Any]) -> str:
        known = self.headers["authorization"] == f"Bearer {KEY}"
        if self.path not in OPEN and not known and "unauthorized" in self.canned:
            return "unauthorized"
        if self.path != "/api/chat":
            return self.path
        if body["model"].startswith("no-such"):
            return "unknown model"
        return "chat streamed" if body["stream"] else "chat"

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(responses: dict[str, CannedResponse]) -> Iterator[str]:
    """Serve on a free loopback port and yield the URL."""
    handler = type("Handler", (_Handler,), {"canned": responses})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
