"""Lines that are sent as they are made, and how a failure among them ends."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

import pytest

from ollama_openai_proxy.errors import BackendTimeout
from ollama_openai_proxy.telemetry.request_metrics import unobserved
from ollama_openai_proxy.web.ndjson_response import ndjson_response
from tests.web.test_responses import sent


class Source:
    """Pieces of a stream, or what breaks it; `closed` says that it was ended properly."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = pieces
        self.closed = False

    async def run(self) -> AsyncGenerator[bytes]:
        try:
            for piece in self.pieces:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed = True


async def test_lines_are_sent_as_they_come_and_never_held_back() -> None:
    source = Source(b"1\n", b"2\n3\n")
    start, *bodies = await sent(await ndjson_response(source.run(), unobserved()))
    assert start["status"] == 200
    assert dict(start["headers"])[b"content-type"] == b"application/x-ndjson"
    assert b"content-length" not in dict(start["headers"])
    assert [body["body"] for body in bodies] == [b"1\n", b"2\n3\n", b""]
    assert [body.get("more_body", False) for body in bodies] == [True, True, False]
    assert source.closed


async def test_a_failure_before_the_first_line_is_raised_and_nothing_is_sent() -> None:
    source = Source(BackendTimeout("slow"))
    with pytest.raises(BackendTimeout):
        await ndjson_response(source.run(), unobserved())
    assert source.closed


@pytest.mark.parametrize(
    ("failure", "text"),
    [(BackendTimeout("slow"), b"slow"), (RuntimeError("a secret detail"), b"internal error")],
    ids=["ours", "unforeseen"],
)
async def test_a_failure_after_the_first_line_is_one_last_line(
    failure: Exception, text: bytes
) -> None:
    source = Source(b"1\n", failure)
    _, *bodies = await sent(await ndjson_response(source.run(), unobserved()))
    assert [body["body"] for body in bodies] == [b"1\n", b'{"error":"%s"}\n' % text, b""]
    assert source.closed


async def test_a_client_that_cannot_be_sent_to_frees_the_source() -> None:
    source = Source(b"1\n", b"2\n", b"3\n")
    answer = await ndjson_response(source.run(), unobserved())
    left = 2

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        await answer.send(send)
    assert source.closed


async def test_a_stream_that_the_service_cuts_off_ends_in_an_error_line() -> None:
    async def endless() -> AsyncGenerator[bytes]:
        yield b"{}\n"
        await asyncio.Event().wait()

    sending = asyncio.create_task(sent(await ndjson_response(endless(), unobserved())))
    await asyncio.sleep(0)
    sending.cancel()
    *_, line, end = await sending
    assert line["body"] == b'{"error":"the service is shutting down"}\n'
    assert not end.get("more_body")
