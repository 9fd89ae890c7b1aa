"""Fixtures that send requests as clients do, byte for byte."""

from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

type Post = Callable[..., Coroutine[Any, Any, httpx.Response]]


@pytest.fixture
def get(kept_client: httpx.AsyncClient) -> Callable[[str], Coroutine[Any, Any, httpx.Response]]:
    return kept_client.get


@pytest.fixture
def post(kept_client: httpx.AsyncClient) -> Post:
    """Send a literal body; its media type is JSON by default."""

    async def post(path: str, body: str, media_type: str | None = None) -> httpx.Response:
        headers = {"content-type": media_type or "application/json"}
        return await kept_client.post(path, content=body.encode(), headers=headers)

    return post
