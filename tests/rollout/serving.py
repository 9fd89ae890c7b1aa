"""A fake replica and a fake Prometheus on a real socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from prometheus_client import CollectorRegistry, Counter, generate_latest

from tests.fakes.limits import HANG


class Replica:
    """Counters that increase at each scrape, by `requests` requests and `faults` server errors.

    With a `key`, requests must carry it as a bearer token.
    """

    def __init__(self, requests: int, faults: int, key: str | None = None) -> None:
        self.url = ""
        self.key = key
        self._step = requests, faults
        self._registry = CollectorRegistry()
        prefix = "ollama_openai_proxy_"
        self._requests = Counter(
            f"{prefix}requests", "-", ["operation", "status"], registry=self._registry
        )
        self._errors = Counter(
            f"{prefix}errors", "-", ["operation", "kind", "fault"], registry=self._registry
        )

    def read(self) -> bytes:
        requests, faults = self._step
        self._requests.labels("chat", "200").inc(requests)
        self._requests.labels("readyz", "200").inc(1000)
        self._errors.labels("chat", "internal_error", "server").inc(faults)
        return generate_latest(self._registry)


class _Handler(BaseHTTPRequestHandler):
    replica: Replica

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        allowed = (
            not self.replica.key or self.headers["authorization"] == f"Bearer {self.replica.key}"
        )
        body = b""
        if allowed and path.path == "/metrics":
            body = self.replica.read()
        elif allowed and path.path == "/api/v1/query":
            body = self._queried(parse_qs(path.query)["query"][0])
        self.send_response(200 if body else 404 if allowed else 401)
        self.end_headers()
        self.wfile.write(body)

    def _queried(self, query: str) -> bytes:
        """Return a response of Prometheus' query API. Only the metric name of the query is used."""
        text = self.replica.read().decode()
        name = query.removeprefix("sum(").partition("{")[0]
        line = next(
            line for line in text.splitlines() if line.startswith(name + "{") and "chat" in line
        )
        value = line.rpartition(" ")[2]
        return (
            b'{"status":"success","data":{"result":[{"metric":{},"value":[1,"%s"]}]}}'
            % value.encode()
        )

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name in the base class)
        pass


@contextmanager
def serving(replica: Replica) -> Iterator[Replica]:
    handler = type("Handler", (_Handler,), {"replica": replica})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        replica.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield replica
        finally:
            server.shutdown()
            thread.join(HANG)
