"""A real browser that opens the service's documentation page."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from ollama_openai_proxy.config.settings import Settings
from tests.browser import chromium
from tests.e2e.environment import lacking
from tests.fakes.limits import HANG
from tests.fakes.service import running
from tests.fakes.transport import FakeTransport


@dataclass
class Visit:
    """An open page, its requests, and its errors and warnings."""

    page: Page
    origin: str
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    async def open(self) -> None:
        """Load the page and wait until it shows an operation."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.problems.append(request.url))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._record)
        await self.page.goto(f"{self.origin}/ui")
        await self.page.wait_for_selector(".opblock")

    def _record(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        path = chromium.find(playwright.chromium.executable_path)
        if path is None:
            lacking(f"no browser found ({', '.join(chromium.NAMES)}): run scripts/install-browser")
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(chromium.OPTIONS), timeout=HANG * 1000
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def visiting(
    browser: Browser, settings: Settings, backend: FakeTransport, **context: Any
) -> AsyncGenerator[Visit]:
    """Open the page of a running service in a new browser context with the options `context`."""
    async with running(settings, backend) as url:
        window = await browser.new_context(viewport={"width": 1280, "height": 1600}, **context)
        window.set_default_timeout(HANG * 1000)
        visit = Visit(await window.new_page(), url)
        await visit.open()
        yield visit
        await window.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(
    browser: Browser, settings: Settings, backend: FakeTransport
) -> AsyncGenerator[Visit]:
    async with visiting(browser, settings, backend) as visit:
        yield visit
