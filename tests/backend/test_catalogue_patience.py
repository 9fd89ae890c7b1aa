"""The model list has its own timeout, which is shorter than that of other responses."""

import asyncio

import httpx

from ollama_openai_proxy.backend import Catalogue, catalogue
from ollama_openai_proxy.errors import BackendTimeout
from tests.fakes.backends import open_backend
from tests.fakes.clock import loop_clock, passes
from tests.fakes.transport import FakeTransport


class Lost(FakeTransport):
    """A backend that never responds to the first request."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if len(self.requests) == 1:
            await asyncio.Event().wait()
        return response


async def test_a_list_request_times_out_and_the_next_caller_sends_it_again() -> None:
    lost = Lost()
    models = Catalogue(open_backend("http://h/v1", None, lost), 10, lambda: 0)
    waiting = [asyncio.create_task(models.listing()) for _ in range(3)]
    await passes()
    with loop_clock() as clock:
        await passes()
        clock.advance(catalogue._LIST_TIMEOUT)
        for failed in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(failed, BackendTimeout)
        assert (await models.listing()).models
    assert len(lost.requests) == 2
