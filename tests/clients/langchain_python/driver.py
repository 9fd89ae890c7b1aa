"""LangChain: ChatOllama and OllamaEmbeddings."""

from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_ollama import ChatOllama, OllamaEmbeddings

from tests.clients.driving import (
    OPTIONS,
    PIXEL,
    QUESTION,
    SCHEMA,
    TEXTS,
    Asked,
    Told,
    drive,
    get_weather,
)


def _chat(asked: Asked, **more: Any) -> Any:
    return ChatOllama(model=asked.model, base_url=asked.host, **OPTIONS, **more)


def _usage(message: Any) -> list[int]:
    return [message.usage_metadata["input_tokens"], message.usage_metadata["output_tokens"]]


def whole(asked: Asked, told: Told) -> None:
    answer = _chat(asked).invoke(QUESTION)
    told["text"] = answer.content
    told["usage"] = _usage(answer)


def stream(asked: Asked, told: Told) -> None:
    told["pieces"] = []
    parts = None
    for part in _chat(asked).stream(QUESTION):
        told["pieces"].append(part.content)
        parts = part if parts is None else parts + part
    told["usage"] = _usage(parts)


def call(asked: Asked, told: Told) -> None:
    model = _chat(asked).bind_tools([tool(get_weather)])
    _finish(model, told, model.invoke(QUESTION))


def calls(asked: Asked, told: Told) -> None:
    model = _chat(asked).bind_tools([tool(get_weather)])
    first, *rest = model.stream(QUESTION)
    _finish(model, told, sum(rest, first))


def _finish(model: Any, told: Told, first: AIMessage) -> None:
    told["calls"] = [[made["name"], made["args"]] for made in first.tool_calls]
    results = [
        ToolMessage(get_weather(**made["args"]), tool_call_id=made["id"])
        for made in first.tool_calls
    ]
    told["text"] = model.invoke([HumanMessage(QUESTION), first, *results]).content


def structured(asked: Asked, told: Told) -> None:
    model = _chat(asked, validate_model_on_init=True).with_structured_output(
        SCHEMA, method="json_schema"
    )
    told["value"] = model.invoke(QUESTION)


def think(asked: Asked, told: Told) -> None:
    first, *rest = _chat(asked, reasoning=True).stream(QUESTION)
    answer = sum(rest, first)
    told["thinking"] = answer.additional_kwargs["reasoning_content"]
    told["text"] = answer.content


def plain(asked: Asked, told: Told) -> None:
    answer = _chat(asked, reasoning=False).invoke(QUESTION)
    told["thinking"] = answer.additional_kwargs.get("reasoning_content", "")
    told["text"] = answer.content


def picture(asked: Asked, told: Told) -> None:
    url = f"data:image/png;base64,{PIXEL}"
    content: Any = [{"type": "text", "text": QUESTION}, {"type": "image_url", "image_url": url}]
    told["text"] = _chat(asked).invoke([HumanMessage(content)]).content


def embed(asked: Asked, told: Told) -> None:
    embeddings = OllamaEmbeddings(model=asked.model, base_url=asked.host)
    told["vectors"] = embeddings.embed_documents(TEXTS)
    told["vector"] = embeddings.embed_query(TEXTS[0])


def leave(asked: Asked, told: Told) -> None:
    parts = _chat(asked).stream(QUESTION)
    told["pieces"] = [next(parts).content]
    parts.close()


drive(whole, stream, call, calls, structured, think, plain, picture, embed, leave)
