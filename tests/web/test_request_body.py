"""A body as it comes, and who watches what comes behind it."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from ollama_openai_proxy.errors import ClientLeft
from ollama_openai_proxy.web.request_body import RequestBody, read_body
from tests.fakes.limits import HANG


def piece(body: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


LEFT = {"type": "http.disconnect"}


class Client:
    """Sends these messages, then nothing."""

    def __init__(self, *messages: MutableMapping[str, Any]) -> None:
        self._messages = list(messages)

    async def receive(self) -> MutableMapping[str, Any]:
        if not self._messages:
            await asyncio.Event().wait()
        return self._messages.pop(0)


@pytest.mark.parametrize(
    ("messages", "body"),
    [
        ([piece(b"", False)], b""),
        ([{"type": "http.request"}], b""),
        ([piece(b"all", False)], b"all"),
        ([piece(b"a"), piece(b""), piece(b"b"), piece(b"", False)], b"ab"),
    ],
)
async def test_a_body_is_read_whole(messages: list[dict[str, Any]], body: bytes) -> None:
    assert await RequestBody(Client(*messages).receive).read() == body
    assert await read_body(Client(*messages).receive) == body


async def test_a_piece_is_there_before_the_next() -> None:
    pieces = aiter(RequestBody(Client(piece(b"first")).receive))
    assert await asyncio.wait_for(anext(pieces), HANG) == b"first"


async def test_a_body_that_does_not_come_to_its_end_is_none() -> None:
    body = RequestBody(Client(piece(b"a"), LEFT).receive)
    with pytest.raises(ClientLeft):
        await body.read()
    assert await body.receive() == LEFT
    with pytest.raises(ClientLeft):
        await read_body(Client(piece(b"a"), LEFT).receive)


async def test_who_watches_takes_no_piece_of_the_body() -> None:
    body = RequestBody(Client(piece(b"a"), piece(b"b", False), LEFT).receive)
    watching = asyncio.create_task(body.receive())
    await asyncio.sleep(0)
    assert not watching.done()
    assert await body.read() == b"ab"
    assert await asyncio.wait_for(watching, HANG) == LEFT
