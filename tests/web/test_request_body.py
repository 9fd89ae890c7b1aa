"""Reading of request bodies, and watching for a disconnect after them."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from ollama_openai_proxy.errors import ClientLeft
from ollama_openai_proxy.web.request_body import RequestBody, read_body
from tests.fakes.limits import HANG


def chunk(body: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


DISCONNECT = {"type": "http.disconnect"}


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
        ([chunk(b"", False)], b""),
        ([{"type": "http.request"}], b""),
        ([chunk(b"all", False)], b"all"),
        ([chunk(b"a"), chunk(b""), chunk(b"b"), chunk(b"", False)], b"ab"),
    ],
)
async def test_a_body_is_read_whole(messages: list[dict[str, Any]], body: bytes) -> None:
    assert await RequestBody(Client(*messages).receive).read() == body
    assert await read_body(Client(*messages).receive) == body


async def test_a_chunk_is_available_before_the_next_arrives() -> None:
    chunks = aiter(RequestBody(Client(chunk(b"first")).receive))
    assert await asyncio.wait_for(anext(chunks), HANG) == b"first"


async def test_an_incomplete_body_raises_client_left() -> None:
    body = RequestBody(Client(chunk(b"a"), DISCONNECT).receive)
    with pytest.raises(ClientLeft):
        await body.read()
    assert await body.receive() == DISCONNECT
    with pytest.raises(ClientLeft):
        await read_body(Client(chunk(b"a"), DISCONNECT).receive)


async def test_watching_for_a_disconnect_does_not_consume_the_body() -> None:
    body = RequestBody(Client(chunk(b"a"), chunk(b"b", False), DISCONNECT).receive)
    watching = asyncio.create_task(body.receive())
    await asyncio.sleep(0)
    assert not watching.done()
    assert await body.read() == b"ab"
    assert await asyncio.wait_for(watching, HANG) == DISCONNECT
