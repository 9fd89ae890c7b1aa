"""GET /metrics: what requests leave behind, seen from outside."""

import asyncio
import logging

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from ollama_openai_proxy.config.settings import read_settings
from tests.fakes.limits import HANG
from tests.fakes.server import FOREVER, Step, scripted, stream
from tests.fakes.service import running
from tests.fakes.transport import (
    FakeTransport,
    chunk,
    completion,
    events,
    json_reply,
    stream_reply,
    usage,
)

PREFIX = "ollama_openai_proxy_"
CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "a secret prompt"}]}
PIECE = events(chunk("a"), done=False)
PIECES = [chunk("Hel"), chunk("lo"), chunk(finish="stop"), usage(7, 3)]


async def samples(client: httpx.AsyncClient) -> dict[str, float]:
    """By name and values of labels (sorted by their names); those of buckets left out."""
    text = (await client.get("/metrics")).text
    return {
        " ".join([sample.name.removeprefix(PREFIX), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "le" not in sample.labels
    }


async def test_every_line_of_the_text_ends_as_the_format_demands(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).text.endswith("\n")


async def test_a_whole_answer_and_a_streamed_one_count_alike(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    await client.post("/api/chat", json={**CHAT, "stream": False})
    backend.reply("/chat/completions", stream_reply(events(*PIECES)))
    await client.post("/api/chat", json=CHAT)
    told = await samples(client)
    assert told["requests_total chat 200"] == 2
    assert told["request_duration_seconds_count chat"] == 2
    assert told["time_to_first_token_seconds_count chat"] == 1
    assert told["tokens_total input chat"] == 14
    assert told["tokens_total output chat"] == 6
    assert told["open_streams"] == 0
    assert told["backend_requests_total /chat/completions 200"] == 2
    assert told["backend_requests_total /models 200"] == 1
    assert not [name for name in told if name.startswith("errors_total")]


async def test_a_stream_that_breaks_off_is_an_error_of_the_server(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    broken = stream_reply(events(*PIECES[:1], done=False), httpx.ReadError("reset"))
    backend.reply("/chat/completions", broken)
    for path in ("/api/chat", "/v1/chat/completions"):
        answer = await client.post(path, json={**CHAT, "stream": True})
        assert answer.status_code == 200
    told = await samples(client)
    for operation in ("chat", "createChatCompletion"):
        assert told[f"requests_total {operation} 200"] == 1
        assert told[f"errors_total server backend_unreachable {operation}"] == 1
        assert told[f"time_to_first_token_seconds_count {operation}"] == 1
    assert told["open_streams"] == 0


async def test_failures_count_by_kind_and_fault(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    await client.post("/api/chat", json={**CHAT, "model": "nobody"})
    await client.post("/api/chat", content=b"{")
    await client.post("/api/me")
    backend.reply("/chat/completions", json_reply({"error": {"message": "slow down"}}, 429))
    await client.post("/api/chat", json=CHAT)
    await client.post("/v1/chat/completions", json=CHAT)
    backend.reply("/chat/completions", httpx.ConnectError("no"))
    await client.post("/api/chat", json=CHAT)
    backend.reply("/chat/completions", RuntimeError("unforeseen"))
    await client.post("/api/chat", json=CHAT)
    told = await samples(client)
    assert {name for name in told if name.startswith("errors_total")} == {
        "errors_total client model_not_found chat",
        "errors_total client bad_request chat",
        "errors_total client not_supported me",
        "errors_total client backend_refused chat",
        "errors_total client backend_refused createChatCompletion",
        "errors_total server backend_unreachable chat",
        "errors_total server proxy_error chat",
    }
    assert told["backend_requests_total /chat/completions 429"] == 2
    assert told["backend_requests_total /chat/completions backend_unreachable"] == 1
    assert told["backend_requests_total /chat/completions proxy_error"] == 1


async def test_strangers_cannot_make_new_labels(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    for path in ("/no/such", "/v1/models/a", "/v1/models/b", "/api/user/keys/c"):
        await client.get(path)
    await client.request("BREW", "/api/chat")
    text = (await client.get("/metrics")).text
    operations = {
        sample.labels["operation"]
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "operation" in sample.labels
    }
    assert operations == {"none", "retrieveModel"}


async def test_head_counts_as_get_and_embeddings_have_tokens(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    vector = {"object": "embedding", "index": 0, "embedding": [1.0, 0.0]}
    counts = {"prompt_tokens": 5, "total_tokens": 5}
    document = {"object": "list", "model": "gpt-4o", "data": [vector], "usage": counts}
    backend.reply("/embeddings", json_reply(document))
    await client.head("/")
    await client.post("/api/embed", json={"model": "gpt-4o", "input": "hi"})
    told = await samples(client)
    assert told["requests_total heartbeat 200"] == 1
    assert told["tokens_total input embed"] == 5
    assert "tokens_total output embed" not in told


async def test_one_line_is_logged_without_what_was_said(
    client: httpx.AsyncClient, backend: FakeTransport, caplog: pytest.LogCaptureFixture
) -> None:
    backend.reply("/chat/completions", json_reply(completion("a secret answer")))
    headers = {"x-request-id": "from-client", "authorization": "Bearer sk-clients-own"}
    with caplog.at_level(logging.INFO, "ollama_openai_proxy"):
        content = msgspec.json.encode({**CHAT, "stream": False})
        answer = await client.post("/api/chat?key=hidden", content=content, headers=headers)
    assert answer.headers["x-request-id"] == "from-client"
    (line,) = [str(r.msg) for r in caplog.records if r.name == "ollama_openai_proxy.requests"]
    assert line.startswith("POST /api/chat 200 ")
    assert " model=gpt-4o tokens_in=7 tokens_out=3 " in line
    assert "request_id=from-client" in line
    assert not [word for word in ("secret", "hidden", "sk-") if word in caplog.text]


async def test_the_request_to_the_backend_has_the_same_id(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    for path in ("/api/chat", "/v1/chat/completions"):
        asked = {**CHAT, "stream": False}
        await client.post(path, json=asked, headers={"x-request-id": "abc-1"})
        assert backend.requests[-1].headers["x-request-id"] == "abc-1"
        answer = await client.post(path, json=asked, headers={"x-request-id": "not usable"})
        assert backend.requests[-1].headers["x-request-id"] == answer.headers["x-request-id"]
        assert answer.headers["x-request-id"] != "not usable"


async def lines(client: httpx.AsyncClient, first: asyncio.Event) -> None:
    """Reads a stream; sets the event at its first line."""
    async with client.stream("POST", "/api/chat", json=CHAT) as answer:
        async for _ in answer.aiter_lines():
            first.set()


@pytest.mark.parametrize(
    ("script", "status"),
    [
        pytest.param(stream(PIECE, FOREVER), 200, id="on the way"),
        pytest.param([FOREVER], 499, id="before the first line"),
    ],
)
async def test_a_client_that_leaves_is_told_of_once_it_is_noticed(
    script: list[Step], status: int
) -> None:
    async with (
        scripted(lambda _: script) as backend,
        running(read_settings(backend_url=backend.url)) as url,
        httpx.AsyncClient(base_url=url, timeout=HANG) as client,
    ):
        first = asyncio.Event()
        asking = asyncio.create_task(lines(client, first))
        await asyncio.wait_for((first if status == 200 else backend.asked).wait(), HANG)
        asking.cancel()
        await asyncio.wait_for(backend.closed.wait(), HANG)
        async with asyncio.timeout(HANG):
            while "requests_total chat " + str(status) not in await samples(client):
                pass
        told = await samples(client)
        assert told["errors_total client client_left chat"] == 1
        assert told["open_streams"] == 0
