"""The recorder that every fake backend tells what passes: it sees what is wrong."""

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
    """What the recorder says of a request of the service's own."""
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
    ids=["an-unknown-field", "a-null", "an-empty-array", "a-missing-field"],
)
async def test_a_request_that_is_not_as_specified_is_recorded(
    document: dict[str, Any], word: str
) -> None:
    [complaint] = await sent(document)
    assert word in complaint


async def test_a_request_as_specified_is_not() -> None:
    assert await sent(CHAT) == []


async def test_a_path_that_is_not_described_is_recorded() -> None:
    assert await sent(CHAT, "/chat") == ["POST /v1/chat: path: no POST /v1/chat"]


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (json_reply({"data": [{"id": 5}]}), "$.data[0].id"),
        (json_reply("what?"), "object"),
        (stream_reply(events()), "content-type"),
    ],
)
async def test_an_answer_that_is_not_as_specified_is_recorded(reply: Any, word: str) -> None:
    backend = open_backend("http://h/v1", None, FakeTransport().reply("/models", reply))
    await backend.list_models()
    requests, [complaint] = RECORDER.taken()
    assert requests == []
    assert word in complaint


async def test_what_breaks_off_is_not_held_to_be_whole() -> None:
    reply = stream_reply(b'{"data":[', httpx.ReadError("reset"), content_type="application/json")
    backend = open_backend("http://h/v1", None, FakeTransport().reply("/models", reply))
    with pytest.raises(ProxyError):
        await backend.list_models()
    assert RECORDER.taken() == ([], [])


@pytest.mark.parametrize(
    ("answer", "complaints"),
    [
        (b"content-length: 11\r\n\r\n" + b'{"data":[]}', 0),
        (b"content-length: 11\r\n\r\n" + b'{"data":', 0),
        (b"content-length: 2\r\n\r\n[5", 1),
        (b"transfer-encoding: chunked\r\n\r\n2\r\n[5\r\n1\r\n]\r\n0\r\n\r\n", 1),
        (b"transfer-encoding: chunked\r\n\r\n2\r\n[5\r\n", 0),
        (b"content-le", 0),
    ],
    ids=["whole", "a-part", "wrong", "wrong-in-chunks", "a-part-in-chunks", "half-a-head"],
)
def test_bytes_on_a_socket_are_read(answer: bytes, complaints: int) -> None:
    lines = [f"{name}: {value}" for name, value in HEADERS.items() if name != "content-type"]
    head = "\r\n".join(["GET /v1/models HTTP/1.1", *lines, "", ""])
    exchange = Exchange(head.encode(), b"")
    exchange.played([b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n", 0.1, answer])
    requests, answers = RECORDER.taken()
    assert requests == []
    assert len(answers) == complaints
