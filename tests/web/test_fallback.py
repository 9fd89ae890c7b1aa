"""Paths and methods that are not in the specification."""

import httpx
import pytest

from ollama_openai_proxy.spec import load_spec
from ollama_openai_proxy.web.fallback import Paths

PATHS = Paths(load_spec("ollama.yaml")["paths"])
URL = "http://service.test"


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/", "HEAD, GET"),
        ("/api/tags", "HEAD, GET"),
        ("/api/chat", "POST"),
        ("/api/delete", "DELETE"),
        ("/api/blobs/sha256:abc", "HEAD, POST"),
        ("/api/user/keys/abc", "DELETE"),
        ("/api/blobs/", None),
        ("/api/blobs/a/b", None),
        ("/api/nope", None),
    ],
)
def test_a_path_has_the_methods_of_the_specification(path: str, methods: str | None) -> None:
    assert PATHS.allowed(path) == methods


@pytest.mark.parametrize(
    ("method", "path", "status", "location"),
    [
        ("GET", "/api/tags/", 301, "/api/tags"),
        ("GET", "/api/version//", 301, "/api/version"),
        ("HEAD", "/api/tags/", 307, "/api/tags"),
        ("POST", "/api/chat/", 307, "/api/chat"),
        ("POST", "/api/show/", 307, "/api/show"),
        ("DELETE", "/api/delete/", 307, "/api/delete"),
        ("HEAD", "/api/blobs/x/", 307, "/api/blobs/x"),
        ("GET", "//api/tags", 301, "/api/tags"),
        ("GET", "/api//tags", 301, "/api/tags"),
        ("POST", "//api/chat", 301, "/api/chat"),
    ],
)
async def test_an_extra_slash_redirects_to_the_path_without_it(
    client: httpx.AsyncClient, method: str, path: str, status: int, location: str
) -> None:
    response = await client.request(method, URL + path)
    assert (response.status_code, response.headers["location"]) == (status, location)
    body = f'<a href="{location}">Moved Permanently</a>.\n\n' if method == "GET" else ""
    assert response.text == body
    assert response.headers.get("content-type", "") == ("text/html; charset=utf-8" if body else "")


@pytest.mark.parametrize("path", ["/api/nope/", "//api/nope", "/API/tags/", "/api/"])
async def test_an_extra_slash_on_an_unknown_path_is_a_404(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(URL + path)
    assert (response.status_code, response.json()) == (404, {"error": "404 page not found"})


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_wrong_method_on_a_path_with_a_parameter_lists_the_allowed_methods(
    client: httpx.AsyncClient, method: str
) -> None:
    response = await client.request(method, "/api/blobs/sha256:abc")
    assert (response.status_code, response.headers["allow"]) == (405, "HEAD, POST")
    assert response.json() == {"error": "405 method not allowed"}
