"""A request as it came, for operations that pass it on."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, MutableMapping
from typing import Any, NamedTuple

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
        """All of it. Raises as above."""
        return b"".join([piece async for piece in self])

    async def receive(self) -> MutableMapping[str, Any]:
        """What comes behind the body: for who watches whether the client leaves."""
        await self._over.wait()
        return dict(_LEFT) if self._left else await self._receive()


class Request(NamedTuple):
    """The request; `parameters` are those of its path, `headers` have names in lower case."""

    method: str
    parameters: Mapping[str, str]
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: RequestBody

    def header(self, name: bytes) -> bytes | None:
        """The value of a header, where there is one."""
        return next((value for known, value in self.headers if known == name), None)
