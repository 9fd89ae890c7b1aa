"""Plain text that the backend continues."""

import msgspec
import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.backend import Timeouts, open_backend
from ollama_openai_proxy.errors import BackendRefused
from tests.fakes.limits import HANG
from tests.fakes.transport import FakeTransport, events, json_reply, stream_reply

ASK = openai.CreateCompletionRequest(model="m", prompt="hi", max_tokens=5)
STREAM = msgspec.structs.replace(ASK, stream=True)
SAID = {"choices": [{"text": "Hi", "finish_reason": "stop"}]}


async def test_it_comes_whole() -> None:
    transport = FakeTransport().reply("/completions", json_reply(SAID))
    backend = open_backend("http://h/v1", None, Timeouts(HANG, HANG, HANG), transport)
    answer = await backend.create_completion(ASK)
    assert answer.choices is not None
    assert answer.choices[0].text == "Hi"
    assert transport.asked("/v1/completions") == [msgspec.to_builtins(ASK)]


async def test_it_comes_as_it_is_made() -> None:
    transport = FakeTransport().reply("/completions", stream_reply(events(SAID)))
    backend = open_backend("http://h/v1", None, Timeouts(HANG, HANG, HANG), transport)
    async with backend.stream_completion(STREAM) as stream:
        body = b"".join([chunk async for chunk in stream.chunks])
    assert body == events(SAID)


async def test_a_refusal_is_told() -> None:
    reply = json_reply({"error": {"message": "no such model"}}, 404)
    transport = FakeTransport().reply("/completions", reply)
    backend = open_backend("http://h/v1", None, Timeouts(HANG, HANG, HANG), transport)
    with pytest.raises(BackendRefused, match="no such model"):
        await backend.create_completion(ASK)
