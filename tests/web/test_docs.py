"""The served OpenAPI documents, and the page that shows them without external resources."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from ollama_openai_proxy.config.settings import Settings
from tests.fakes.client import client_of
from tests.fakes.limits import HANG
from tests.fakes.service import running
from tests.fakes.transport import FakeTransport

SPECIFICATION = yaml.safe_load(
    (Path(__file__).parents[2] / "specs" / "ollama.yaml").read_text("utf-8")
)
METHODS = {"get", "head", "post", "put", "patch", "delete"}
PAGES = ["/ui", "/ui/", "/ui/index.html", "/ui/start.js", "/ui/swagger-ui/swagger-ui.css"]


class References(HTMLParser):
    """Collects the URLs that a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = ("src", "href", "data-document")
        self.found += [value for name, value in attrs if name in attributes and value]


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


def read(response: httpx.Response) -> Any:
    assert response.status_code == 200
    if response.headers["content-type"] == "application/yaml":
        return yaml.safe_load(response.text)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    return response.json()


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])
async def test_the_documents_match_the_specification_except_for_servers(
    client: httpx.AsyncClient, path: str
) -> None:
    document = read(await client.get(path))
    assert document.pop("servers") == [{"url": "./", "description": "This service"}]
    expected = {name: value for name, value in SPECIFICATION.items() if name != "servers"}
    assert json.dumps(document) == json.dumps(expected), "the order of keys must match too"


async def test_the_document_has_the_reported_version(
    client: httpx.AsyncClient,
) -> None:
    document = read(await client.get("/openapi.json"))
    reported = (await client.get("/api/version")).json()
    assert document["info"]["version"] == reported["version"]


async def test_template_braces_are_kept(client: httpx.AsyncClient) -> None:
    document = read(await client.get("/openapi.json"))
    success = document["paths"]["/api/show"]["post"]["responses"]["200"]
    example = success["content"]["application/json"]["example"]
    assert example["template"] == "{{ .Prompt }}"


def test_every_operation_has_one_tag_and_every_tag_is_used() -> None:
    used = [
        (path, method, operation.get("tags", []))
        for path, item in SPECIFICATION["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    assert [(path, method) for path, method, tags in used if len(tags) != 1] == []
    names = {tag["name"] for tag in SPECIFICATION["tags"]}
    assert {tags[0] for _, _, tags in used} == names


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml", *PAGES])
async def test_head_has_the_headers_of_get(client: httpx.AsyncClient, path: str) -> None:
    head, get = await client.head(path), await client.get(path)
    assert head.status_code == get.status_code
    for name in ("content-type", "content-length", "x-content-type-options"):
        assert head.headers.get(name) == get.headers.get(name)
    assert get.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml", *PAGES])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_documents_and_pages_are_read_only(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, "HEAD, GET")
    assert response.json() == {"error": "405 method not allowed"}


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])
async def test_a_trailing_slash_redirects_to_the_document(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(f"{path}/")
    assert (response.status_code, response.headers["location"]) == (301, path)


async def test_the_page_without_a_trailing_slash_redirects_to_a_relative_url(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/ui")
    assert (response.status_code, response.headers["location"]) == (301, "ui/")


async def test_everything_the_page_loads_is_served_under_relative_urls(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/ui/")
    references = References()
    references.feed(page.text)
    assert len(references.found) > 4
    for reference in references.found:
        assert re.fullmatch(r"(\.\./)?[a-z][a-z0-9./-]*", reference)
        response = await client.get(str(page.url.join(reference)))
        assert response.status_code == 200
        assert len(response.content) > 100


@pytest.mark.parametrize("path", PAGES[1:])
async def test_the_page_may_not_load_anything_from_other_origins(
    client: httpx.AsyncClient, path: str
) -> None:
    headers = (await client.get(path)).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy.pop("default-src") == "'none'"
    assert policy.pop("style-src") == "'self' 'unsafe-inline'"
    assert policy.pop("img-src") == "'self' data:"
    assert set(policy.values()) == {"'self'", "'none'"}
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path", ["/ui/nope", "/ui/swagger-ui/nope.js", "/ui/..%2fstart.js", "/ui/../__init__.py"]
)
async def test_unknown_page_paths_are_a_404_with_the_usual_body(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(path)
    assert (response.status_code, response.json()) == (404, {"error": "404 page not found"})


async def test_the_page_can_be_disabled_without_the_documents(
    settings: Settings, backend: FakeTransport
) -> None:
    settings_without_ui = settings.model_copy(update={"ui": False})
    async with client_of(settings_without_ui, backend) as client:
        for path in PAGES:
            for method in ("GET", "POST"):
                response = await client.request(method, path)
                assert response.status_code == 404
                assert response.json() == {"error": "404 page not found"}
        assert read(await client.get("/openapi.json"))["paths"]
        assert read(await client.get("/openapi.yaml"))["paths"]


@pytest.mark.parametrize("path", ["/openapi.json", "/ui/"])
async def test_foreign_origins_and_hosts_are_rejected_as_for_operations(
    settings: Settings, backend: FakeTransport, path: str
) -> None:
    async with (
        running(settings, backend) as url,
        httpx.AsyncClient(base_url=url, timeout=HANG) as client,
    ):
        local = await client.get(path, headers={"origin": "http://localhost:3000"})
        assert local.headers["access-control-allow-origin"] == "http://localhost:3000"
        assert local.status_code == 200
        for headers in ({"origin": "https://evil.example"}, {"host": "evil.example"}):
            assert (await client.get(path, headers=headers)).status_code == 403
