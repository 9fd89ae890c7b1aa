"""Clients that keep asking, whole answers and streams in turn, and never ask twice."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import httpx

WORDS, PAUSE = 8, 0.1
_CLIENTS = 6
_BETWEEN = 0.05


class Request(NamedTuple):
    streamed: bool
    started: float
    failure: str | None
    """Why it is not as it should be."""


class Load:
    def __init__(self, url: str, key: str) -> None:
        self.requests: list[Request] = []
        self._url = url
        self._key = key
        self._over = threading.Event()

    @property
    def failures(self) -> list[Request]:
        return [request for request in self.requests if request.failure is not None]

    def since(self, moment: float) -> list[Request]:
        return [request for request in self.requests if request.started >= moment]

    def run(self) -> None:
        asyncio.run(self._all())

    def end(self) -> None:
        self._over.set()

    async def _all(self) -> None:
        await asyncio.gather(*(self._client(number) for number in range(_CLIENTS)))

    async def _client(self, number: int) -> None:
        """One client, which keeps its connection."""
        headers = {"authorization": f"Bearer {self._key}"}
        async with httpx.AsyncClient(base_url=self._url, headers=headers, timeout=30) as client:
            while not self._over.is_set():
                number += 1
                started = time.monotonic()
                try:
                    failure = await _ask(client, streamed=number % 2 == 0)
                except httpx.HTTPError as error:
                    failure = repr(error)
                self.requests.append(Request(number % 2 == 0, started, failure))
                await asyncio.sleep(_BETWEEN)


async def _ask(client: httpx.AsyncClient, *, streamed: bool) -> str | None:
    message = {"role": "user", "content": f"{WORDS} {PAUSE}" if streamed else "2 0.05"}
    body = {"model": "gpt-4o", "messages": [message], "stream": streamed}
    async with client.stream("POST", "/api/chat", json=body) as answer:
        lines = (await answer.aread()).splitlines()
    if answer.status_code != 200:
        return f"{answer.status_code} {lines[:1]}"
    last = json.loads(lines[-1])
    if last.get("done") is not True:
        return f"ends in {last}"
    return None if not streamed or len(lines) == WORDS + 1 else f"{len(lines)} lines"


def long_stream(url: str, key: str, begun: threading.Event) -> str:
    """How a stream of five seconds ends: `done`, or by which failure."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "20 0.25"}]}
    headers = {"authorization": f"Bearer {key}"}
    last = "{}"
    try:
        with httpx.stream(
            "POST", f"{url}/api/chat", json=body, headers=headers, timeout=30
        ) as answer:
            for line in answer.iter_lines():
                last = line
                begun.set()
    except httpx.HTTPError as error:
        return repr(error)
    return "done" if json.loads(last).get("done") else last


@contextmanager
def load(url: str, key: str) -> Iterator[Load]:
    """In a thread of its own; when it is over, so are all requests."""
    running = Load(url, key)
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        yield running
    finally:
        running.end()
        thread.join(60)
