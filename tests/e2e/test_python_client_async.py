"""The official Python client for asyncio, unmodified, against a real model."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from ollama import AsyncClient, ResponseError

from tests.fakes.limits import HANG

SHORT = {"num_predict": 16, "temperature": 0, "seed": 7}
GREETING = [{"role": "user", "content": "Say hello."}]


@pytest.fixture
async def client(real_url: str) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(host=real_url, timeout=HANG) as client:
        yield client


async def test_list_show_and_ps_return_the_same_model(client: AsyncClient, model: str) -> None:
    await client.generate(model, keep_alive="1m")
    [listed] = (await client.list()).models
    [running] = (await client.ps()).models
    shown = await client.show(model)
    assert listed.model == running.model == model
    assert listed.digest == running.digest
    assert listed.details is not None
    assert shown.details is not None
    assert shown.details.family == listed.details.family


async def test_streamed_chat_equals_the_complete_response(client: AsyncClient, model: str) -> None:
    whole = await client.chat(model, messages=GREETING, options=SHORT)
    stream = await client.chat(model, messages=GREETING, options=SHORT, stream=True)
    parts = [part async for part in stream]
    assert "".join(part.message.content or "" for part in parts) == whole.message.content
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]


async def test_streamed_generate_equals_the_complete_response(
    client: AsyncClient, model: str
) -> None:
    whole = await client.generate(model, "Say hello.", options=SHORT)
    stream = await client.generate(model, "Say hello.", options=SHORT, stream=True)
    parts = [part async for part in stream]
    assert "".join(part.response or "" for part in parts) == whole.response
    assert parts[-1].eval_count == whole.eval_count


async def test_embed_and_embeddings_return_vectors(client: AsyncClient, model: str) -> None:
    both = await client.embed(model, ["one text", "another text"])
    old = await client.embeddings(model, "one text")
    assert [len(vector) for vector in both.embeddings] == [576, 576]
    assert len(old.embedding) == 576


async def test_four_concurrent_chats_succeed(client: AsyncClient, model: str) -> None:
    async def streamed(number: int) -> tuple[str, str | None]:
        messages = [{"role": "user", "content": f"What comes after {number}?"}]
        stream = await client.chat(model, messages=messages, options=SHORT, stream=True)
        parts = [part async for part in stream]
        return "".join(part.message.content or "" for part in parts), parts[-1].done_reason

    async with asyncio.timeout(HANG):
        results = await asyncio.gather(*map(streamed, range(4)))
    assert all(text and reason in ("stop", "length") for text, reason in results), results


async def test_an_unknown_model_is_a_404(client: AsyncClient) -> None:
    with pytest.raises(ResponseError, match="model 'nosuch' not found") as raised:
        await client.chat("nosuch", messages=GREETING)
    assert raised.value.status_code == 404
