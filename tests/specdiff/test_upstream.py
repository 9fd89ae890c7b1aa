"""Reading of specs/upstream.yaml and downloads of upstream files."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from scripts.specdiff.upstream import SPECS, Unreadable, Upstream, fetch, read_upstream

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/openapi.yaml")
            self.end_headers()
            return
        self.send_response(200 if self.path == "/openapi.yaml" else 404)
        self.end_headers()
        self.wfile.write(b"openapi: 3.1.0\n")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_each_specification_has_an_upstream_file_and_a_commit() -> None:
    upstream = read_upstream()
    assert {file.stem for file in SPECS.glob("*.yaml")} == {*upstream, "upstream"}
    for one in upstream.values():
        assert one.source(one.commit).startswith("https://")


def test_a_commit_becomes_a_url_and_paths_and_urls_are_unchanged() -> None:
    one = Upstream("owner/name", "docs/openapi.yaml", "abc1234", "")
    prefix = "https://raw.githubusercontent.com/owner/name"
    assert one.source("HEAD") == f"{prefix}/HEAD/docs/openapi.yaml"
    assert one.source(COMMIT) == f"{prefix}/{COMMIT}/docs/openapi.yaml"
    for source in ("new.yaml", "http://127.0.0.1/openapi.yaml"):
        assert one.source(source) == source


def test_a_file_is_downloaded_and_redirects_are_followed(address: str) -> None:
    assert fetch(f"{address}/openapi.yaml") == b"openapi: 3.1.0\n"
    assert fetch(f"{address}/moved") == b"openapi: 3.1.0\n"


def test_a_missing_file_raises_unreadable(address: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="404"):
        fetch(f"{address}/missing")
    with pytest.raises(Unreadable, match="No such file"):
        fetch(str(tmp_path / "missing"))
