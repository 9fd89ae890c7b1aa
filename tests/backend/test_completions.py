"""Requests to /completions."""

import msgspec
import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.backend import decoded
from ollama_openai_proxy.errors import BackendRefused
from ollama_openai_proxy.services.relay import PLAIN
from tests.fakes.backends import open_backend
from tests.fakes.transport import FakeTransport, events, json_reply, stream_reply

REQUEST = openai.CreateCompletionRequest(model="m", prompt="hi", max_tokens=5)
STREAM = msgspec.structs.replace(REQUEST, stream=True)
COMPLETION = {"choices": [{"text": "Hi", "finish_reason": "stop"}]}


async def test_a_whole_completion_is_decoded() -> None:
    transport = FakeTransport().reply("/completions", json_reply(COMPLETION))
    backend = open_backend("http://h/v1", None, transport)
    async with backend.create_completion(REQUEST) as exchange:
        completion = decoded(PLAIN.whole, await exchange.read())
    assert completion.choices is not None
    assert completion.choices[0].message is not None
    assert completion.choices[0].message.content == "Hi"
    assert transport.asked("/v1/completions") == [msgspec.to_builtins(REQUEST)]


async def test_a_streamed_completion_is_returned_unchanged() -> None:
    transport = FakeTransport().reply("/completions", stream_reply(events(COMPLETION)))
    backend = open_backend("http://h/v1", None, transport)
    async with backend.create_completion(STREAM) as exchange:
        body = await exchange.read()
    assert body == events(COMPLETION)


async def test_an_error_response_raises_backend_refused() -> None:
    reply = json_reply({"error": {"message": "no such model"}}, 404)
    transport = FakeTransport().reply("/completions", reply)
    backend = open_backend("http://h/v1", None, transport)
    with pytest.raises(BackendRefused, match="no such model"):
        await backend.create_completion(REQUEST).__aenter__()
