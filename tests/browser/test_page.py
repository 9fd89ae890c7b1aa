"""The interactive documentation at /ui: its content, and trying out operations."""

import base64
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator

from ollama_openai_proxy.access.keys import parse_keys
from ollama_openai_proxy.config.settings import Settings
from ollama_openai_proxy.spec import load_spec
from tests.browser.conftest import Visit, visiting
from tests.fakes.transport import FakeTransport, chunk, events, stream_reply

pytestmark = pytest.mark.asyncio(loop_scope="session")

SPECIFICATION = load_spec("ollama.yaml")
METHODS = ("get", "head", "post", "put", "patch", "delete")
OPEN_AND_CLOSE_ALL = """async () => {
  const until = async (met) => { while (!met()) await new Promise(requestAnimationFrame); };
  const opened = [];
  for (const block of document.querySelectorAll(".opblock")) {
    const control = block.querySelector(".opblock-summary-control");
    const responses = () => block.querySelector(".responses-table");
    control.click();
    await until(responses);
    opened.push(block.innerText);
    control.click();
    await until(() => !responses());
  }
  return opened;
}"""
COLOURS = """async (png) => {
  const image = await createImageBitmap(await (await fetch(png)).blob());
  const {width, height} = image;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(image, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) || 0) + 1);
  return {width, height, colours: counts.size, commonest: Math.max(...counts.values()) / pixels.length};
}"""


def operations() -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, item in SPECIFICATION["paths"].items()
        for method in item
        if method in METHODS
    ]


def block(visit: Visit, tag: str, operation: str) -> Locator:
    """The block of one operation."""
    return visit.page.locator(f"[id='operations-{tag.replace(' ', '_')}-{operation}']")


async def try_out(block: Locator, body: str | None = None) -> tuple[str, str]:
    """Try out the operation; return the status and the body that the page shows."""
    await block.locator(".opblock-summary").click()
    await block.get_by_role("button", name="Try it out").click()
    if body is not None:
        await block.locator("textarea.body-param__text").fill(body)
    await block.get_by_role("button", name="Execute").click()
    response = block.locator(".live-responses-table .response")
    status = await response.locator(".response-col_status").inner_text()
    return status.strip(), await response.locator(".response-col_description").inner_text()


async def test_exactly_the_operations_of_the_specification_are_shown(
    visit: Visit,
) -> None:
    shown = await visit.page.locator(".opblock-summary").evaluate_all(
        """all => all.map(one => [
          one.querySelector(".opblock-summary-method").textContent,
          one.querySelector("[data-path]").dataset.path,
        ])"""
    )
    assert sorted(map(tuple, shown)) == sorted(operations())


async def test_headings_are_in_the_order_of_the_specification(visit: Visit) -> None:
    headings = await visit.page.locator(".opblock-tag").evaluate_all(
        "all => all.map(one => one.dataset.tag)"
    )
    assert headings == [tag["name"] for tag in SPECIFICATION["tags"]]


async def test_the_title_and_the_version_of_the_specification_are_shown(visit: Visit) -> None:
    info = SPECIFICATION["info"]
    assert await visit.page.title() == info["title"]
    version = await visit.page.locator(".info .version").first.inner_text()
    assert version.strip() == info["version"]


async def test_all_operations_open_without_errors_or_requests_to_other_hosts(visit: Visit) -> None:
    opened: list[str] = await visit.page.evaluate(OPEN_AND_CLOSE_ALL)
    assert len(opened) == len(operations())
    assert [text for text in opened if "Could not" in text or "Unknown" in text] == []
    assert visit.problems == []
    assert f"{visit.origin}/openapi.json" in visit.requests
    assert [url for url in visit.requests if not url.startswith(f"{visit.origin}/")] == []


async def test_trying_out_the_version_shows_the_response(visit: Visit) -> None:
    status, body_shown = await try_out(block(visit, "Service", "version"))
    assert status == "200"
    assert f'"version": "{SPECIFICATION["info"]["version"]}"' in body_shown
    assert f"{visit.origin}/api/version" in visit.requests
    assert visit.problems == []


async def test_trying_out_a_chat_shows_every_line_of_the_stream(
    visit: Visit, backend: FakeTransport
) -> None:
    stream = events(chunk("Os"), chunk("lo"), chunk(finish="stop"))
    backend.reply("/chat/completions", stream_reply(stream))
    body = '{"model": "gpt-4o", "messages": [{"role": "user", "content": "Which city?"}]}'
    status, body_shown = await try_out(block(visit, "Chat and text", "chat"), body)
    assert status == "200"
    assert [text in body_shown for text in ('"Os"', '"lo"', '"done":true')] == [True] * 3
    assert visit.problems == []


async def test_trying_out_the_chat_example_reaches_the_service(visit: Visit) -> None:
    status, body_shown = await try_out(block(visit, "Chat and text", "chat"))
    assert status == "404"
    assert "model 'acme-7b' not found" in body_shown


async def test_requests_use_the_api_key_that_opened_the_page(
    browser: Browser, settings: Settings, backend: FakeTransport
) -> None:
    protected = settings.model_copy(update={"api_keys": parse_keys("laptop:k-1234567")})
    password = {"username": "anybody", "password": "k-1234567"}
    async with visiting(browser, protected, backend, http_credentials=password) as visit:
        status, body_shown = await try_out(block(visit, "Models", "list"))
    assert status == "200"
    assert '"gpt-4o:latest"' in body_shown


async def test_the_page_is_rendered(visit: Visit, browser: Browser, tmp_path: Path) -> None:
    screenshot = await visit.page.screenshot(path=tmp_path / "page.png", full_page=True)
    blank = await browser.new_page()
    png = "data:image/png;base64," + base64.b64encode(screenshot).decode()
    seen: dict[str, Any] = await blank.evaluate(COLOURS, png)
    await blank.close()
    assert seen["width"] == 1280
    assert seen["height"] > 30 * len(operations())
    assert seen["colours"] > 100
    assert seen["commonest"] < 0.9
