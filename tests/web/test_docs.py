"""The served documents are the specification, and the page shows it without anybody's help."""

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
    """What a page wants to have loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = ("src", "href", "data-document")
        self.found += [value for name, value in attrs if name in wanted and value]


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
async def test_a_document_is_the_specification_but_for_its_server(
    client: httpx.AsyncClient, path: str
) -> None:
    document = read(await client.get(path))
    assert document.pop("servers") == [{"url": "./", "description": "This service"}]
    expected = {name: value for name, value in SPECIFICATION.items() if name != "servers"}
    assert json.dumps(document) == json.dumps(expected), "the order of the keys counts too"


async def test_the_version_of_the_document_is_the_version_that_is_reported(
    client: httpx.AsyncClient,
) -> None:
    document = read(await client.get("/openapi.json"))
    reported = (await client.get("/api/version")).json()
    assert document["info"]["version"] == reported["version"]


async def test_braces_come_through_as_they_are_meant(client: httpx.AsyncClient) -> None:
    document = read(await client.get("/openapi.json"))
    answer = document["paths"]["/api/show"]["post"]["responses"]["200"]
    example = answer["content"]["application/json"]["example"]
    assert example["template"] == "{{ .Prompt }}"


def test_every_operation_stands_under_one_heading_and_none_is_empty() -> None:
    used = [
        (path, method, operation.get("tags", []))
        for path, item in SPECIFICATION["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    assert [(path, method) for path, method, tags in used if len(tags) != 1] == []
    headings = {tag["name"] for tag in SPECIFICATION["tags"]}
    assert {tags[0] for _, _, tags in used} == headings


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml", *PAGES])
async def test_head_has_the_headers_of_get(client: httpx.AsyncClient, path: str) -> None:
    head, get = await client.head(path), await client.get(path)
    assert head.status_code == get.status_code
    for name in ("content-type", "content-length", "x-content-type-options"):
        assert head.headers.get(name) == get.headers.get(name)
    assert get.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml", *PAGES])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_they_can_only_be_read(client: httpx.AsyncClient, method: str, path: str) -> None:
    response = await client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, "HEAD, GET")
    assert response.json() == {"error": "405 method not allowed"}


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])
async def test_a_slash_too_many_leads_to_the_document(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(f"{path}/")
    assert (response.status_code, response.headers["location"]) == (301, path)


async def test_the_page_is_found_without_its_slash_wherever_it_has_been_put(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/ui")
    assert (response.status_code, response.headers["location"]) == (301, "ui/")


async def test_all_that_the_page_loads_is_here_and_named_relatively(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/ui/")
    references = References()
    references.feed(page.text)
    assert len(references.found) > 4
    for reference in references.found:
        assert re.fullmatch(r"(\.\./)?[a-z][a-z0-9./-]*", reference)
        answer = await client.get(str(page.url.join(reference)))
        assert answer.status_code == 200
        assert len(answer.content) > 100


@pytest.mark.parametrize("path", PAGES[1:])
async def test_the_page_may_load_nothing_from_elsewhere(
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
async def test_what_is_not_part_of_the_page_is_a_404_in_the_one_form(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(path)
    assert (response.status_code, response.json()) == (404, {"error": "404 page not found"})


async def test_the_page_can_be_switched_off_and_the_documents_stay(
    settings: Settings, backend: FakeTransport
) -> None:
    without = settings.model_copy(update={"ui": False})
    async with client_of(without, backend) as client:
        for path in PAGES:
            for method in ("GET", "POST"):
                response = await client.request(method, path)
                assert response.status_code == 404
                assert response.json() == {"error": "404 page not found"}
        assert read(await client.get("/openapi.json"))["paths"]
        assert read(await client.get("/openapi.yaml"))["paths"]


@pytest.mark.parametrize("path", ["/openapi.json", "/ui/"])
async def test_pages_and_hosts_from_elsewhere_are_refused_as_for_operations(
    settings: Settings, backend: FakeTransport, path: str
) -> None:
    async with (
        running(settings, backend) as url,
        httpx.AsyncClient(base_url=url, timeout=HANG) as client,
    ):
        here = await client.get(path, headers={"origin": "http://localhost:3000"})
        assert here.headers["access-control-allow-origin"] == "http://localhost:3000"
        assert here.status_code == 200
        for headers in ({"origin": "https://evil.example"}, {"host": "evil.example"}):
            assert (await client.get(path, headers=headers)).status_code == 403
