"""The recorder of the fake backends finds invalid requests and responses."""

from typing import Any

import httpx
import pytest

from ollama_openai_proxy.errors import ProxyError
from tests.fakes.backends import open_backend
from tests.fakes.recorder import RECORDER, Exchange
from tests.fakes.transport import FakeTransport, completion, events, json_reply, stream_reply

HEADERS = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "user-agent": "ollama-openai-proxy",
    "content-type": "application/json",
}


async def sent(document: dict[str, Any], path: str = "/chat/completions") -> list[str]:
    """The violations recorded for a request that the service itself makes."""
    transport = FakeTransport().reply(path, json_reply(completion()))
    async with httpx.AsyncClient(transport=transport, base_url="http://h/v1") as client:
        await client.post(path, json=document, headers=HEADERS)
    return RECORDER.taken()[0]


CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({**CHAT, "num_ctx": 5}, "num_ctx"),
        ({**CHAT, "top_p": None}, "$.top_p"),
        ({**CHAT, "tools": []}, "$.tools"),
        ({"model": "m"}, "messages"),
    ],
    ids=["unknown-field", "null", "empty-array", "missing-field"],
)
async def test_an_invalid_request_is_recorded(document: dict[str, Any], word: str) -> None:
    [violation] = await sent(document)
    assert word in violation


async def test_a_valid_request_is_not_recorded() -> None:
    assert await sent(CHAT) == []


async def test_an_undescribed_path_is_recorded() -> None:
    assert await sent(CHAT, "/chat") == [
        "POST /v1/chat: path: POST /v1/chat is not in the specification"
    ]


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (json_reply({"data": [{"id": 5}]}), "$.data[0].id"),
        (json_reply("what?"), "object"),
        (stream_reply(events()), "content-type"),
    ],
)
async def test_an_invalid_response_is_recorded(reply: Any, word: str) -> None:
    backend = open_backend("http://h/v1", None, FakeTransport().reply("/models", reply))
    await backend.list_models()
    requests, [violation] = RECORDER.taken()
    assert requests == []
    assert word in violation


async def test_a_truncated_response_is_not_recorded() -> None:
    reply = stream_reply(b'{"data":[', httpx.ReadError("reset"), content_type="application/json")
    backend = open_backend("http://h/v1", None, FakeTransport().reply("/models", reply))
    with pytest.raises(ProxyError):
        await backend.list_models()
    assert RECORDER.taken() == ([], [])


@pytest.mark.parametrize(
    ("response", "violations"),
    [
        (b"content-length: 11\r\n\r\n" + b'{"data":[]}', 0),
        (b"content-length: 11\r\n\r\n" + b'{"data":', 0),
        (b"content-length: 2\r\n\r\n[5", 1),
        (b"transfer-encoding: chunked\r\n\r\n2\r\n[5\r\n1\r\n]\r\n0\r\n\r\n", 1),
        (b"transfer-encoding: chunked\r\n\r\n2\r\n[5\r\n", 0),
        (b"content-le", 0),
    ],
    ids=["valid", "partial", "invalid", "invalid-chunked", "partial-chunked", "partial-head"],
)
def test_raw_responses_are_parsed_and_checked(response: bytes, violations: int) -> None:
    lines = [f"{name}: {value}" for name, value in HEADERS.items() if name != "content-type"]
    head = "\r\n".join(["GET /v1/models HTTP/1.1", *lines, "", ""])
    exchange = Exchange(head.encode(), b"")
    exchange.played([b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n", 0.1, response])
    requests, responses = RECORDER.taken()
    assert requests == []
    assert len(responses) == violations
