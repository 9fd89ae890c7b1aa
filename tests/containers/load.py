"""Clients that send requests continuously, alternately streamed and not, without retries."""

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
    """The reason if the response is wrong or incomplete."""


class Load:
    """The requests of all clients so far."""

    def __init__(self, url: str, key: str) -> None:
        self.requests: list[Request] = []
        self._url = url
        self._key = key
        self._stopping = threading.Event()

    @property
    def failures(self) -> list[Request]:
        return [request for request in self.requests if request.failure is not None]

    def since(self, moment: float) -> list[Request]:
        return [request for request in self.requests if request.started >= moment]

    def run(self) -> None:
        asyncio.run(self._all())

    def stop(self) -> None:
        self._stopping.set()

    async def _all(self) -> None:
        await asyncio.gather(*(self._client(number) for number in range(_CLIENTS)))

    async def _client(self, number: int) -> None:
        """One client. It reuses its connection."""
        headers = {"authorization": f"Bearer {self._key}"}
        async with httpx.AsyncClient(base_url=self._url, headers=headers, timeout=30) as client:
            while not self._stopping.is_set():
                number += 1
                started = time.monotonic()
                try:
                    failure = await _send(client, streamed=number % 2 == 0)
                except httpx.HTTPError as error:
                    failure = repr(error)
                self.requests.append(Request(number % 2 == 0, started, failure))
                await asyncio.sleep(_BETWEEN)


async def _send(client: httpx.AsyncClient, *, streamed: bool) -> str | None:
    message = {"role": "user", "content": f"{WORDS} {PAUSE}" if streamed else "2 0.05"}
    body = {"model": "gpt-4o", "messages": [message], "stream": streamed}
    async with client.stream("POST", "/api/chat", json=body) as response:
        lines = (await response.aread()).splitlines()
    if response.status_code != 200:
        return f"{response.status_code} {lines[:1]}"
    last = json.loads(lines[-1])
    if last.get("done") is not True:
        return f"the last line is {last}"
    return None if not streamed or len(lines) == WORDS + 1 else f"{len(lines)} lines"


def long_stream(url: str, key: str, begun: threading.Event) -> str:
    """Read a stream of five seconds. Returns `done`, or the error. Sets `begun` at the first line."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "20 0.25"}]}
    headers = {"authorization": f"Bearer {key}"}
    last = "{}"
    try:
        with httpx.stream(
            "POST", f"{url}/api/chat", json=body, headers=headers, timeout=30
        ) as response:
            for line in response.iter_lines():
                last = line
                begun.set()
    except httpx.HTTPError as error:
        return repr(error)
    return "done" if json.loads(last).get("done") else last


@contextmanager
def load(url: str, key: str) -> Iterator[Load]:
    """Run the clients in a thread. Pending requests are completed at the end."""
    running = Load(url, key)
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        yield running
    finally:
        running.stop()
        thread.join(60)
