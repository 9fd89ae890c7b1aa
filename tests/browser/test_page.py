"""A person opens the page, reads it, and tries things out."""

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
    const answers = () => block.querySelector(".responses-table");
    control.click();
    await until(answers);
    opened.push(block.innerText);
    control.click();
    await until(() => !answers());
  }
  return opened;
}"""
COLOURS = """async (png) => {
  const picture = await createImageBitmap(await (await fetch(png)).blob());
  const {width, height} = picture;
  const pen = new OffscreenCanvas(width, height).getContext("2d");
  pen.drawImage(picture, 0, 0);
  const pixels = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer);
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
    """The part of the page about one operation."""
    return visit.page.locator(f"[id='operations-{tag.replace(' ', '_')}-{operation}']")


async def tried(block: Locator, body: str | None = None) -> tuple[str, str]:
    """What the page says came back when the operation is tried out: the status, and the body."""
    await block.locator(".opblock-summary").click()
    await block.get_by_role("button", name="Try it out").click()
    if body is not None:
        await block.locator("textarea.body-param__text").fill(body)
    await block.get_by_role("button", name="Execute").click()
    answer = block.locator(".live-responses-table .response")
    status = await answer.locator(".response-col_status").inner_text()
    return status.strip(), await answer.locator(".response-col_description").inner_text()


async def test_every_operation_of_the_specification_is_shown_once_and_no_other(
    visit: Visit,
) -> None:
    shown = await visit.page.locator(".opblock-summary").evaluate_all(
        """all => all.map(one => [
          one.querySelector(".opblock-summary-method").textContent,
          one.querySelector("[data-path]").dataset.path,
        ])"""
    )
    assert sorted(map(tuple, shown)) == sorted(operations())


async def test_the_operations_stand_under_their_headings_in_order(visit: Visit) -> None:
    headings = await visit.page.locator(".opblock-tag").evaluate_all(
        "all => all.map(one => one.dataset.tag)"
    )
    assert headings == [tag["name"] for tag in SPECIFICATION["tags"]]


async def test_the_title_and_the_version_of_the_specification_are_shown(visit: Visit) -> None:
    info = SPECIFICATION["info"]
    assert await visit.page.title() == info["title"]
    version = await visit.page.locator(".info .version").first.inner_text()
    assert version.strip() == info["version"]


async def test_nothing_goes_wrong_and_nothing_is_asked_of_anybody_else(visit: Visit) -> None:
    opened: list[str] = await visit.page.evaluate(OPEN_AND_CLOSE_ALL)
    assert len(opened) == len(operations())
    assert [text for text in opened if "Could not" in text or "Unknown" in text] == []
    assert visit.complaints == []
    assert f"{visit.origin}/openapi.json" in visit.requests
    assert [url for url in visit.requests if not url.startswith(f"{visit.origin}/")] == []


async def test_trying_out_the_version_shows_the_answer_of_the_service(visit: Visit) -> None:
    status, answer = await tried(block(visit, "Service", "version"))
    assert status == "200"
    assert f'"version": "{SPECIFICATION["info"]["version"]}"' in answer
    assert f"{visit.origin}/api/version" in visit.requests
    assert visit.complaints == []


async def test_trying_out_a_chat_shows_every_line_of_the_stream(
    visit: Visit, backend: FakeTransport
) -> None:
    said = events(chunk("Os"), chunk("lo"), chunk(finish="stop"))
    backend.reply("/chat/completions", stream_reply(said))
    body = '{"model": "gpt-4o", "messages": [{"role": "user", "content": "Which city?"}]}'
    status, answer = await tried(block(visit, "Chat and text", "chat"), body)
    assert status == "200"
    assert [text in answer for text in ('"Os"', '"lo"', '"done":true')] == [True] * 3
    assert visit.complaints == []


async def test_trying_out_the_example_of_a_chat_reaches_the_service(visit: Visit) -> None:
    status, answer = await tried(block(visit, "Chat and text", "chat"))
    assert status == "404"
    assert "model 'acme-7b' not found" in answer


async def test_who_has_opened_the_page_with_a_key_tries_out_with_it(
    browser: Browser, settings: Settings, backend: FakeTransport
) -> None:
    guarded = settings.model_copy(update={"api_keys": parse_keys("laptop:k-1234567")})
    password = {"username": "anybody", "password": "k-1234567"}
    async with visiting(browser, guarded, backend, http_credentials=password) as visit:
        status, answer = await tried(block(visit, "Models", "list"))
    assert status == "200"
    assert '"gpt-4o:latest"' in answer


async def test_the_page_can_be_seen(visit: Visit, browser: Browser, tmp_path: Path) -> None:
    picture = await visit.page.screenshot(path=tmp_path / "page.png", full_page=True)
    counting = await browser.new_page()
    png = "data:image/png;base64," + base64.b64encode(picture).decode()
    seen: dict[str, Any] = await counting.evaluate(COLOURS, png)
    await counting.close()
    assert seen["width"] == 1280
    assert seen["height"] > 30 * len(operations())
    assert seen["colours"] > 100
    assert seen["commonest"] < 0.9
