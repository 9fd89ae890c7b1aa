"""LlamaIndex: Ollama and OllamaEmbedding."""

import base64
from typing import Any

from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.ollama import OllamaEmbedding
from llama_index.llms.ollama import Ollama
from pydantic import BaseModel

from tests.clients.driving import OPTIONS, PIXEL, QUESTION, TEXTS, Asked, Told, drive, get_weather

USER = ChatMessage(role="user", content=QUESTION)


class Weather(BaseModel):
    city: str
    degrees: int


def _model(asked: Asked, **more: Any) -> Any:
    options = {"seed": OPTIONS["seed"], "num_predict": OPTIONS["num_predict"]}
    return Ollama(
        asked.model,
        asked.host,
        temperature=0,
        additional_kwargs=options,
        request_timeout=60,
        **more,
    )


def _usage(answer: Any) -> list[int]:
    return [answer.raw["prompt_eval_count"], answer.raw["eval_count"]]


def whole(asked: Asked, told: Told) -> None:
    answer = _model(asked).chat([USER])
    told["text"] = answer.message.content
    told["usage"] = _usage(answer)


def stream(asked: Asked, told: Told) -> None:
    told["pieces"] = []
    for part in _model(asked).stream_chat([USER]):
        told["pieces"].append(part.delta)
    told["usage"] = _usage(part)


def call(asked: Asked, told: Told) -> None:
    model, tools = _model(asked), [FunctionTool.from_defaults(get_weather)]
    first = model.chat_with_tools(tools, chat_history=[USER])
    _finish(model, told, tools, first)


def calls(asked: Asked, told: Told) -> None:
    model, tools = _model(asked), [FunctionTool.from_defaults(get_weather)]
    *_, last = model.stream_chat_with_tools(
        tools, chat_history=[USER], allow_parallel_tool_calls=True
    )
    _finish(model, told, tools, last)


def _finish(model: Any, told: Told, tools: list[FunctionTool], first: Any) -> None:
    made = model.get_tool_calls_from_response(first)
    told["calls"] = [[one.tool_name, one.tool_kwargs] for one in made]
    results = [
        ChatMessage(
            role="tool",
            content=get_weather(**one.tool_kwargs),
            additional_kwargs={"tool_call_id": one.tool_id},
        )
        for one in made
    ]
    answer = model.chat_with_tools(tools, chat_history=[USER, first.message, *results])
    told["text"] = answer.message.content


def structured(asked: Asked, told: Told) -> None:
    told["value"] = _model(asked).as_structured_llm(Weather).chat([USER]).raw.model_dump()


def think(asked: Asked, told: Told) -> None:
    answer = _model(asked, thinking=True).chat([USER])
    blocks = answer.message.blocks
    told["thinking"] = "".join(block.content for block in blocks if block.block_type == "thinking")
    told["text"] = answer.message.content


def plain(asked: Asked, told: Told) -> None:
    answer = _model(asked, thinking=False).chat([USER])
    blocks = answer.message.blocks
    told["thinking"] = "".join(block.content for block in blocks if block.block_type == "thinking")
    told["text"] = answer.message.content


def picture(asked: Asked, told: Told) -> None:
    seen = ImageBlock(image=base64.b64decode(PIXEL), image_mimetype="image/png")
    message = ChatMessage(role="user", blocks=[TextBlock(text=QUESTION), seen])
    told["text"] = _model(asked).chat([message]).message.content


def embed(asked: Asked, told: Told) -> None:
    embedding = OllamaEmbedding(asked.model, asked.host)
    told["vectors"] = embedding.get_text_embedding_batch(TEXTS)
    told["vector"] = embedding.get_query_embedding(TEXTS[0])


def leave(asked: Asked, told: Told) -> None:
    parts = _model(asked).stream_chat([USER])
    told["pieces"] = [next(parts).delta]
    parts.close()


drive(whole, stream, call, calls, structured, think, plain, picture, embed, leave)
