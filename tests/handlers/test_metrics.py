"""GET /metrics, the log line of a request, and request ids."""

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
    """Sample values by name and label values (sorted by label name), without buckets."""
    text = (await client.get("/metrics")).text
    return {
        " ".join([sample.name.removeprefix(PREFIX), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "le" not in sample.labels
    }


async def test_the_text_ends_with_a_newline(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).text.endswith("\n")


async def test_whole_and_streamed_responses_are_counted_alike(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    await client.post("/api/chat", json={**CHAT, "stream": False})
    backend.reply("/chat/completions", stream_reply(events(*PIECES)))
    await client.post("/api/chat", json=CHAT)
    values = await samples(client)
    assert values["requests_total chat 200"] == 2
    assert values["request_duration_seconds_count chat"] == 2
    assert values["time_to_first_token_seconds_count chat"] == 1
    assert values["tokens_total input chat"] == 14
    assert values["tokens_total output chat"] == 6
    assert values["open_streams"] == 0
    assert values["backend_requests_total /chat/completions 200"] == 2
    assert values["backend_requests_total /models 200"] == 1
    assert not [name for name in values if name.startswith("errors_total")]


async def test_a_broken_stream_is_a_server_error(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    broken = stream_reply(events(*PIECES[:1], done=False), httpx.ReadError("reset"))
    backend.reply("/chat/completions", broken)
    for path in ("/api/chat", "/v1/chat/completions"):
        response = await client.post(path, json={**CHAT, "stream": True})
        assert response.status_code == 200
    values = await samples(client)
    for operation in ("chat", "createChatCompletion"):
        assert values[f"requests_total {operation} 200"] == 1
        assert values[f"errors_total server backend_unreachable {operation}"] == 1
        assert values[f"time_to_first_token_seconds_count {operation}"] == 1
    assert values["open_streams"] == 0


async def test_errors_are_counted_by_kind_and_fault(
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
    values = await samples(client)
    assert {name for name in values if name.startswith("errors_total")} == {
        "errors_total client model_not_found chat",
        "errors_total client bad_request chat",
        "errors_total client not_supported me",
        "errors_total client backend_refused chat",
        "errors_total client backend_refused createChatCompletion",
        "errors_total server backend_unreachable chat",
        "errors_total server proxy_error chat",
    }
    assert values["backend_requests_total /chat/completions 429"] == 2
    assert values["backend_requests_total /chat/completions backend_unreachable"] == 1
    assert values["backend_requests_total /chat/completions proxy_error"] == 1


async def test_clients_cannot_create_new_labels(
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


async def test_head_is_counted_as_get_and_embeddings_count_tokens(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    vector = {"object": "embedding", "index": 0, "embedding": [1.0, 0.0]}
    counts = {"prompt_tokens": 5, "total_tokens": 5}
    document = {"object": "list", "model": "gpt-4o", "data": [vector], "usage": counts}
    backend.reply("/embeddings", json_reply(document))
    await client.head("/")
    await client.post("/api/embed", json={"model": "gpt-4o", "input": "hi"})
    values = await samples(client)
    assert values["requests_total heartbeat 200"] == 1
    assert values["tokens_total input embed"] == 5
    assert "tokens_total output embed" not in values


async def test_one_line_is_logged_without_content_or_credentials(
    client: httpx.AsyncClient, backend: FakeTransport, caplog: pytest.LogCaptureFixture
) -> None:
    backend.reply("/chat/completions", json_reply(completion("a secret answer")))
    headers = {"x-request-id": "from-client", "authorization": "Bearer sk-clients-own"}
    with caplog.at_level(logging.INFO, "ollama_openai_proxy"):
        content = msgspec.json.encode({**CHAT, "stream": False})
        response = await client.post("/api/chat?key=hidden", content=content, headers=headers)
    assert response.headers["x-request-id"] == "from-client"
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
        body = {**CHAT, "stream": False}
        await client.post(path, json=body, headers={"x-request-id": "abc-1"})
        assert backend.requests[-1].headers["x-request-id"] == "abc-1"
        response = await client.post(path, json=body, headers={"x-request-id": "not usable"})
        assert backend.requests[-1].headers["x-request-id"] == response.headers["x-request-id"]
        assert response.headers["x-request-id"] != "not usable"


async def lines(client: httpx.AsyncClient, first: asyncio.Event) -> None:
    """Read a stream, and set the event at its first line."""
    async with client.stream("POST", "/api/chat", json=CHAT) as response:
        async for _ in response.aiter_lines():
            first.set()


@pytest.mark.parametrize(
    ("script", "status"),
    [
        pytest.param(stream(PIECE, FOREVER), 200, id="mid-stream"),
        pytest.param([FOREVER], 499, id="before the first line"),
    ],
)
async def test_a_client_disconnect_is_counted(script: list[Step], status: int) -> None:
    async with (
        scripted(lambda _: script) as backend,
        running(read_settings(backend_url=backend.url)) as url,
        httpx.AsyncClient(base_url=url, timeout=HANG) as client,
    ):
        first = asyncio.Event()
        reading = asyncio.create_task(lines(client, first))
        await asyncio.wait_for((first if status == 200 else backend.asked).wait(), HANG)
        reading.cancel()
        await asyncio.wait_for(backend.closed.wait(), HANG)
        async with asyncio.timeout(HANG):
            while "requests_total chat " + str(status) not in await samples(client):
                pass
        values = await samples(client)
        assert values["errors_total client client_left chat"] == 1
        assert values["open_streams"] == 0
