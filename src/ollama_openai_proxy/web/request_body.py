"""Request bodies, read as a whole or forwarded while they arrive."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

from ..errors import ClientLeft
from .disconnect import Receive

_LEFT = {"type": "http.disconnect"}


class RequestBody:
    """A request body that can be read once, as a whole or in chunks."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = asyncio.Event()
        self._left = False

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        """Yield the chunks. Raises ClientLeft if the client disconnects before the last one."""
        while not self._ended.is_set():
            message = await self._receive()
            self._left = message["type"] == "http.disconnect"
            if self._left or not message.get("more_body"):
                self._ended.set()
            if self._left:
                raise ClientLeft("the client disconnected")
            yield message.get("body", b"")

    async def read(self) -> bytes:
        """Read the whole body. Raises ClientLeft if the client disconnects."""
        return b"".join([part async for part in self])

    async def receive(self) -> MutableMapping[str, Any]:
        """The message after the body, to watch for a disconnect while the body is being read."""
        await self._ended.wait()
        return dict(_LEFT) if self._left else await self._receive()


async def read_body(receive: Receive) -> bytes:
    """Read the whole body of a request. Raises ClientLeft if the client disconnects."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")  # the common case: one message
        return body
    parts = []
    while message["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()
    raise ClientLeft("the client disconnected")
