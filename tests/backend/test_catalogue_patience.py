"""A backend that does not tell of its models in time, though an answer may take as long."""

import asyncio

import httpx
import pytest

from ollama_openai_proxy.backend import Catalogue, Timeouts, catalogue, open_backend
from ollama_openai_proxy.errors import BackendTimeout
from tests.fakes.transport import FakeTransport


class Lost(FakeTransport):
    """The answer to the first request never comes."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if len(self.requests) == 1:
            await asyncio.sleep(60)
        return answer


async def test_a_list_that_is_lost_is_waited_for_a_while_and_then_asked_for_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalogue, "_PATIENCE", 0.05)
    lost = Lost()
    models = Catalogue(open_backend("http://h/v1", None, Timeouts(1, 60, 60), lost), 10, lambda: 0)
    waiting = [asyncio.create_task(models.listing()) for _ in range(3)]
    async with asyncio.timeout(5):
        for failed in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(failed, BackendTimeout)
        assert (await models.listing()).models
    assert len(lost.requests) == 2
