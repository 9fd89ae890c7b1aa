"""NDJSON lines are sent as they are produced; an exception becomes the last line."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

import pytest

from ollama_openai_proxy.errors import BackendTimeout
from ollama_openai_proxy.telemetry.request_metrics import unobserved
from ollama_openai_proxy.web.ndjson_response import ndjson_response
from tests.web.test_responses import sent


class Source:
    """Yields chunks or raises exceptions; `closed` is set once the generator is closed."""

    def __init__(self, *items: bytes | Exception) -> None:
        self.items = items
        self.closed = False

    async def run(self) -> AsyncGenerator[bytes]:
        try:
            for item in self.items:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.closed = True


async def test_lines_are_sent_without_buffering() -> None:
    source = Source(b"1\n", b"2\n3\n")
    start, *bodies = await sent(await ndjson_response(source.run(), unobserved()))
    assert start["status"] == 200
    assert dict(start["headers"])[b"content-type"] == b"application/x-ndjson"
    assert b"content-length" not in dict(start["headers"])
    assert [body["body"] for body in bodies] == [b"1\n", b"2\n3\n", b""]
    assert [body.get("more_body", False) for body in bodies] == [True, True, False]
    assert source.closed


async def test_an_error_before_the_first_line_is_raised_and_nothing_is_sent() -> None:
    source = Source(BackendTimeout("slow"))
    with pytest.raises(BackendTimeout):
        await ndjson_response(source.run(), unobserved())
    assert source.closed


@pytest.mark.parametrize(
    ("failure", "text"),
    [(BackendTimeout("slow"), b"slow"), (RuntimeError("a secret detail"), b"internal error")],
    ids=["expected", "unexpected"],
)
async def test_an_error_after_the_first_line_is_the_last_line(
    failure: Exception, text: bytes
) -> None:
    source = Source(b"1\n", failure)
    _, *bodies = await sent(await ndjson_response(source.run(), unobserved()))
    assert [body["body"] for body in bodies] == [b"1\n", b'{"error":"%s"}\n' % text, b""]
    assert source.closed


async def test_a_failed_send_closes_the_source() -> None:
    source = Source(b"1\n", b"2\n", b"3\n")
    response = await ndjson_response(source.run(), unobserved())
    remaining = 2

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal remaining
        remaining -= 1
        if remaining < 0:
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        await response.send(send)
    assert source.closed


async def test_a_stream_cancelled_by_a_shutdown_ends_with_an_error_line() -> None:
    async def endless() -> AsyncGenerator[bytes]:
        yield b"{}\n"
        await asyncio.Event().wait()

    sending = asyncio.create_task(sent(await ndjson_response(endless(), unobserved())))
    await asyncio.sleep(0)
    sending.cancel()
    *_, line, end = await sending
    assert line["body"] == b'{"error":"the service is shutting down"}\n'
    assert not end.get("more_body")
