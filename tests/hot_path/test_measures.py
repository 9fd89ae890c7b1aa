"""Additional work per chunk exceeds the budget."""

from pathlib import Path

import msgspec
import pytest
import uvloop
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.translator.response.stream import ResponseStream
from tests.hot_path.budget import Counts, compare, parse
from tests.hot_path.counters import Calls
from tests.hot_path.driver import WrongResponse
from tests.hot_path.measures import GROWTH, NATIVE, OPENAI, Meter, conditions
from tests.hot_path.workloads import streamed_chat, whole_chat

LENGTHS = (4, 12)
COMMITTED = parse(Path(__file__).with_name("budget.toml").read_text("utf-8"))


def per_chunk() -> Counts:
    async def counts() -> Counts:
        meter = Meter()
        return {
            "chat-chunk.calls": (await meter.stream(Calls, NATIVE, LENGTHS))[1],
            "v1-chat-chunk.calls": (await meter.stream(Calls, OPENAI, LENGTHS))[1],
        }

    with conditions():
        return uvloop.run(counts())


def test_the_count_per_chunk_is_reproducible() -> None:
    assert per_chunk() == per_chunk()


def test_one_more_call_per_chunk_exceeds_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = COMMITTED._replace(counts=per_chunk())
    receive = ResponseStream.receive

    def planted(
        self: ResponseStream, chunk: openai.CreateChatCompletionStreamResponse, at: int
    ) -> list[msgspec.Struct]:
        return receive(self, chunk, at)

    monkeypatch.setattr(ResponseStream, "receive", planted)
    fails = [finding for finding in compare(budget, per_chunk()) if finding.fails]
    assert [finding.row for finding in fails] == ["chat-chunk.calls"]
    assert fails[0].measured == fails[0].budget + 1


def test_an_unexpected_response_to_a_workload_raises() -> None:
    async def count() -> None:
        await Meter().count(Calls, streamed_chat(NATIVE, 3)._replace(parts=30))

    with conditions(), pytest.raises(WrongResponse, match=r"/api/chat returned 200 with \d"):
        uvloop.run(count())


@pytest.mark.parametrize("name", GROWTH)
def test_growing_requests_are_accepted(name: str) -> None:
    async def count() -> int:
        return await Meter().count(Calls, whole_chat(NATIVE, GROWTH[name](3)))

    with conditions():
        assert uvloop.run(count()) > 0


def test_an_open_stream_uses_memory() -> None:
    with conditions():
        assert uvloop.run(Meter().open_stream()) > 0
