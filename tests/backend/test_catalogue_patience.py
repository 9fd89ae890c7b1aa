"""A backend that does not tell of its models in time, though an answer may take as long."""

import asyncio

import httpx

from ollama_openai_proxy.backend import Catalogue, catalogue
from ollama_openai_proxy.errors import BackendTimeout
from tests.fakes.backends import open_backend
from tests.fakes.clock import loop_clock, passes
from tests.fakes.transport import FakeTransport


class Lost(FakeTransport):
    """The answer to the first request never comes."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if len(self.requests) == 1:
            await asyncio.Event().wait()
        return answer


async def test_a_list_that_is_lost_is_waited_for_a_while_and_then_asked_for_anew() -> None:
    lost = Lost()
    models = Catalogue(open_backend("http://h/v1", None, lost), 10, lambda: 0)
    waiting = [asyncio.create_task(models.listing()) for _ in range(3)]
    await passes()
    with loop_clock() as clock:
        await passes()
        clock.advance(catalogue._PATIENCE)
        for failed in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(failed, BackendTimeout)
        assert (await models.listing()).models
    assert len(lost.requests) == 2
