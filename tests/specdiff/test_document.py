import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from scripts.specdiff.document import Unreadable, api_of, read

YAML = "openapi: 3.1.0\ninfo: {title: T}\npaths: {/chat/completions: {}}\n"
JSON = '{"openapi": "3.0.3", "info": {"title": "T"}, "paths": {"/api/chat": {}, "/v1/chat/completions": {}}}'


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/openapi.yaml")
            self.end_headers()
            return
        self.send_response(200 if self.path == "/openapi.yaml" else 404)
        self.end_headers()
        self.wfile.write(YAML.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def written(folder: Path, text: str) -> str:
    path = folder / "upstream"
    path.write_text(text, "utf-8")
    return str(path)


def test_yaml_and_json_are_read_and_told_apart_by_their_paths(tmp_path: Path) -> None:
    assert api_of(read(written(tmp_path, YAML))) == "openai"
    assert api_of(read(written(tmp_path, JSON))) == "ollama"


def test_a_description_is_fetched_from_an_address_even_if_it_moved(address: str) -> None:
    assert read(f"{address}/openapi.yaml").title == "T"
    assert read(f"{address}/moved").title == "T"


def test_an_address_that_has_none_cannot_be_read(address: str) -> None:
    with pytest.raises(Unreadable, match="404"):
        read(f"{address}/nothing")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [", "neither YAML nor JSON"),
        ("just a text", "no description"),
        ("swagger: '2.0'\npaths: {}", "no description in OpenAPI 3"),
        ("openapi: 3.0.3", "no paths"),
    ],
)
def test_what_is_no_description_cannot_be_read(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(Unreadable, match=complaint):
        read(written(tmp_path, text))


def test_another_api_is_not_guessed(tmp_path: Path) -> None:
    document = read(written(tmp_path, "openapi: 3.0.3\npaths: {/orders: {}}"))
    with pytest.raises(Unreadable, match="--against"):
        api_of(document)


@pytest.mark.parametrize(
    ("reference", "complaint"),
    [
        ("#/a~1b/none", "does not exist"),
        ("other.yaml#/a", "another file"),
        ("#/loop", "back to itself"),
        ("#/openapi", "not an object"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(
    tmp_path: Path, reference: str, complaint: str
) -> None:
    text = 'openapi: 3.0.3\npaths: {}\nloop: {$ref: "#/loop"}\na/b: {c%d: {type: string}}\n'
    document = read(written(tmp_path, text))
    assert document.resolve({"$ref": "#/a~1b/c%25d"}) == ({"type": "string"}, "c%25d")
    with pytest.raises(Unreadable, match=complaint):
        document.resolve({"$ref": reference})
