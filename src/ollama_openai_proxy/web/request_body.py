"""The body of a request, for operations that forward it while it arrives."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

from ..errors import ClientLeft
from .disconnect import Receive

_LEFT = {"type": "http.disconnect"}


class RequestBody:
    """The body, read once: whole, or in the pieces in which it comes."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._over = asyncio.Event()
        self._left = False

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        """The pieces. Raises ClientLeft when they do not come to their end."""
        while not self._over.is_set():
            message = await self._receive()
            self._left = message["type"] == "http.disconnect"
            if self._left or not message.get("more_body"):
                self._over.set()
            if self._left:
                raise ClientLeft("the client left")
            yield message.get("body", b"")

    async def read(self) -> bytes:
        """The whole body. Raises ClientLeft if it ends early."""
        return b"".join([part async for part in self])

    async def receive(self) -> MutableMapping[str, Any]:
        """The message that follows the body, to watch for a disconnect while the body is read."""
        await self._over.wait()
        return dict(_LEFT) if self._left else await self._receive()


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request. Raises ClientLeft if it ends early."""
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
    raise ClientLeft("the client left")
