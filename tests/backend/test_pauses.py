"""The idle timeout of a backend's stream, with a controlled clock."""

from collections.abc import AsyncIterator

import httpx

from ollama_openai_proxy.config.settings import read_settings
from tests.fakes.client import client_of, lines_of
from tests.fakes.clock import LoopClock, loop_clock, passes
from tests.fakes.transport import FakeTransport, chunk, events

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
HELLO = events(chunk("Hello"), done=False)
PING = b": ping\n\n"
LAST = events(chunk(finish="stop"))
LIMIT = 60.0
LIMITS = {"first_byte_timeout": LIMIT, "idle_timeout": LIMIT}


class Slow(httpx.AsyncByteStream):
    """A body with a pause of `pause` seconds after each piece."""

    def __init__(self, clock: LoopClock, pause: float, *pieces: bytes) -> None:
        self.pieces = pieces
        self._clock = clock
        self._pause = pause

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
            self._clock.advance(self._pause)
            await passes()  # an expired deadline ends the stream here


async def streamed(pause: float, *pieces: bytes) -> list[dict[str, object]]:
    """The lines of a chat whose backend pauses for `pause` seconds after each piece."""
    backend = FakeTransport()
    settings = read_settings(backend_url="http://backend.test/v1", **LIMITS)
    with loop_clock() as clock:
        slow = Slow(clock, pause, *pieces)
        headers = {"content-type": "text/event-stream"}
        backend.reply(
            "/chat/completions", lambda _: httpx.Response(200, headers=headers, stream=slow)
        )
        async with client_of(settings, backend) as client:
            return lines_of(await client.post("/api/chat", json=CHAT))


async def test_a_slow_but_steady_stream_is_completed() -> None:
    lines = await streamed(LIMIT * 0.9, *[HELLO] * 6, LAST)
    assert len(lines) == 7
    assert lines[-1]["done"] is True


async def test_comments_keep_a_stream_alive() -> None:
    lines = await streamed(LIMIT * 0.9, *[PING] * 5, HELLO, LAST)
    assert len(lines) == 2
    assert lines[-1]["done"] is True


async def test_a_pause_over_the_limit_ends_the_stream_with_an_error() -> None:
    *_, last = await streamed(LIMIT, HELLO, HELLO, LAST)
    assert "no data for 60 s" in str(last["error"])
