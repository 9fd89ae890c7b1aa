"""Pydantic AI: OllamaProvider, which uses the OpenAI API at /v1."""

import asyncio
import base64
import contextlib
from typing import Any

from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, Embedder, NativeOutput
from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.providers.ollama import OllamaProvider

from tests.clients.driving import OPTIONS, PIXEL, QUESTION, TEXTS, Asked, Told, drive, get_weather


class Weather(BaseModel):
    city: str
    degrees: int


def _provider(asked: Asked) -> Any:
    client = AsyncOpenAI(base_url=f"{asked.host}/v1", api_key="any", max_retries=0)
    return OllamaProvider(openai_client=client)


def _agent(asked: Asked, **more: Any) -> Any:
    model = OllamaModel(asked.model, provider=_provider(asked))
    settings: Any = {"temperature": OPTIONS["temperature"], "max_tokens": OPTIONS["num_predict"]}
    return Agent(model, model_settings=settings, **more)


def _parts(result: Any, kind: str) -> list[Any]:
    return [
        part
        for message in result.all_messages()
        for part in message.parts
        if part.part_kind == kind
    ]


def whole(asked: Asked, told: Told) -> None:
    result = _agent(asked).run_sync(QUESTION)
    told["text"] = result.output
    told["usage"] = [result.usage.input_tokens, result.usage.output_tokens]


def stream(asked: Asked, told: Told) -> None:
    told["pieces"] = []

    async def read() -> None:
        async with _agent(asked).run_stream(QUESTION) as result:
            async for piece in result.stream_text(delta=True, debounce_by=None):
                told["pieces"].append(piece)
            told["usage"] = [result.usage.input_tokens, result.usage.output_tokens]

    asyncio.run(read())


def call(asked: Asked, told: Told) -> None:
    _finish(_agent(asked, tools=[get_weather]).run_sync(QUESTION), told)


def calls(asked: Asked, told: Told) -> None:
    async def read() -> None:
        agent = _agent(asked, tools=[get_weather])
        async with agent.iter(QUESTION) as run:
            async for node in run:
                if Agent.is_model_request_node(node):
                    async with node.stream(run.ctx) as events:
                        async for _ in events:
                            pass
        _finish(run.result, told)

    asyncio.run(read())


def _finish(result: Any, told: Told) -> None:
    made = _parts(result, "tool-call")
    told["calls"] = [[part.tool_name, part.args_as_dict()] for part in made]
    told["text"] = result.output


def structured(asked: Asked, told: Told) -> None:
    agent = _agent(asked, output_type=NativeOutput(Weather))
    told["value"] = agent.run_sync(QUESTION).output.model_dump()


def think(asked: Asked, told: Told) -> None:
    _thinking(asked, told, thinking=True)


def plain(asked: Asked, told: Told) -> None:
    _thinking(asked, told, thinking=False)


def _thinking(asked: Asked, told: Told, *, thinking: bool) -> None:
    settings: Any = {"thinking": thinking}
    result = _agent(asked).run_sync(QUESTION, model_settings=settings)
    told["thinking"] = "".join(part.content for part in _parts(result, "thinking"))
    told["text"] = result.output


def picture(asked: Asked, told: Told) -> None:
    seen = BinaryContent(base64.b64decode(PIXEL), media_type="image/png")
    told["text"] = _agent(asked).run_sync([QUESTION, seen]).output


def embed(asked: Asked, told: Told) -> None:
    embedder = Embedder(OpenAIEmbeddingModel(asked.model, provider=_provider(asked)))
    told["vectors"] = embedder.embed_documents_sync(TEXTS).embeddings
    told["vector"] = embedder.embed_query_sync(TEXTS[0]).embeddings[0]


def leave(asked: Asked, told: Told) -> None:
    async def read() -> None:
        async with _agent(asked).run_stream(QUESTION) as result:
            async for piece in result.stream_text(delta=True, debounce_by=None):
                told["pieces"] = [piece]
                raise _Left

    with contextlib.suppress(_Left):
        asyncio.run(read())


class _Left(Exception):
    pass


drive(whole, stream, call, calls, structured, think, plain, picture, embed, leave)
