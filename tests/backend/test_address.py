"""The URLs of a backend's operations."""

import pytest

from ollama_openai_proxy.backend.address import BackendAddress


@pytest.mark.parametrize(
    ("base", "path", "query", "url"),
    [
        ("http://h/v1", "/models", "", "http://h/v1/models"),
        ("http://h", "/models", "", "http://h/models"),
        ("http://h/a/", "/models/a%2Fb", "", "http://h/a/models/a%2Fb"),
        ("http://h/v1?api-version=1", "/x", "beta=true", "http://h/v1/x?api-version=1&beta=true"),
        ("http://h/v1", "/x", "a=%20&b", "http://h/v1/x?a=%20&b"),
    ],
)
def test_path_and_query_are_appended_to_those_of_the_backend(
    base: str, path: str, query: str, url: str
) -> None:
    assert BackendAddress(base).url(path, query) == url


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://h:8080/v1", "http://h:8080/props"),
        ("http://h:8080", "http://h:8080/props"),
        ("http://h/llama/v1", "http://h/llama/props"),
    ],
)
def test_routes_outside_the_api_are_siblings_of_v1(base: str, url: str) -> None:
    assert BackendAddress(base).url_beside("/props") == url


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://b\u00fccher.test/v1", "http://xn--bcher-kva.test/v1/x"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1/x"),
        ("http://h/caf\u00e9 1/v1", "http://h/caf%C3%A9%201/v1/x"),
    ],
)
def test_hosts_and_paths_are_encoded(base: str, url: str) -> None:
    assert BackendAddress(base).url("/x") == url
