"""Plain text that the backend continues."""

import msgspec
import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.backend import decoded
from ollama_openai_proxy.errors import BackendRefused
from ollama_openai_proxy.services.relay import PLAIN
from tests.fakes.backends import open_backend
from tests.fakes.transport import FakeTransport, events, json_reply, stream_reply

ASK = openai.CreateCompletionRequest(model="m", prompt="hi", max_tokens=5)
STREAM = msgspec.structs.replace(ASK, stream=True)
SAID = {"choices": [{"text": "Hi", "finish_reason": "stop"}]}


async def test_it_comes_whole() -> None:
    transport = FakeTransport().reply("/completions", json_reply(SAID))
    backend = open_backend("http://h/v1", None, transport)
    async with backend.create_completion(ASK) as exchange:
        answer = decoded(PLAIN.whole, await exchange.read())
    assert answer.choices is not None
    assert answer.choices[0].message is not None
    assert answer.choices[0].message.content == "Hi"
    assert transport.asked("/v1/completions") == [msgspec.to_builtins(ASK)]


async def test_it_comes_as_it_is_made() -> None:
    transport = FakeTransport().reply("/completions", stream_reply(events(SAID)))
    backend = open_backend("http://h/v1", None, transport)
    async with backend.create_completion(STREAM) as exchange:
        body = await exchange.read()
    assert body == events(SAID)


async def test_a_refusal_is_told() -> None:
    reply = json_reply({"error": {"message": "no such model"}}, 404)
    transport = FakeTransport().reply("/completions", reply)
    backend = open_backend("http://h/v1", None, transport)
    with pytest.raises(BackendRefused, match="no such model"):
        await backend.create_completion(ASK).__aenter__()
