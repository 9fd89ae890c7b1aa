"""The bytes of a backend's answer."""

from collections.abc import AsyncGenerator, AsyncIterator

import httpx


def unpacked(response: httpx.Response) -> AsyncIterator[bytes]:
    """They as they were before they were packed."""
    encoded = "content-encoding" in response.headers  # although we ask for none
    return response.aiter_bytes() if encoded else as_it_comes(response)


def as_it_comes(response: httpx.Response) -> AsyncIterator[bytes]:
    """They as they are on the wire."""
    return response.stream.__aiter__()  # type: ignore[union-attr]


async def at_once(body: bytes) -> AsyncGenerator[bytes]:
    """All of them in one."""
    yield body
