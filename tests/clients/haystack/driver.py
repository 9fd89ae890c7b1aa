"""Haystack: OllamaChatGenerator and the embedders."""

import contextlib
import json
from typing import Any

from haystack.dataclasses import ChatMessage, Document, ImageContent
from haystack.tools import create_tool_from_function
from haystack_integrations.components.embedders.ollama import (
    OllamaDocumentEmbedder,
    OllamaTextEmbedder,
)
from haystack_integrations.components.generators.ollama import OllamaChatGenerator

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

USER = ChatMessage.from_user(QUESTION)


class _Left(Exception):
    pass


def _chat(asked: Asked, **more: Any) -> Any:
    return OllamaChatGenerator(asked.model, asked.host, generation_kwargs=OPTIONS, **more)


def _reply(generator: Any, *messages: ChatMessage) -> ChatMessage:
    [reply] = generator.run(list(messages))["replies"]
    assert isinstance(reply, ChatMessage)
    return reply


def _usage(reply: ChatMessage) -> list[int]:
    return [reply.meta["usage"]["prompt_tokens"], reply.meta["usage"]["completion_tokens"]]


def whole(asked: Asked, told: Told) -> None:
    reply = _reply(_chat(asked), USER)
    told["text"] = reply.text
    told["usage"] = _usage(reply)


def stream(asked: Asked, told: Told) -> None:
    told["pieces"] = []
    generator = _chat(asked, streaming_callback=lambda part: told["pieces"].append(part.content))
    told["usage"] = _usage(_reply(generator, USER))


def call(asked: Asked, told: Told) -> None:
    _calling(asked, told)


def calls(asked: Asked, told: Told) -> None:
    _calling(asked, told, streaming_callback=lambda part: None)


def _calling(asked: Asked, told: Told, **more: Any) -> None:
    generator = _chat(asked, tools=[create_tool_from_function(get_weather)], **more)
    first = _reply(generator, USER)
    told["calls"] = [[made.tool_name, made.arguments] for made in first.tool_calls]
    results = [
        ChatMessage.from_tool(get_weather(**made.arguments), origin=made)
        for made in first.tool_calls
    ]
    told["text"] = _reply(generator, USER, first, *results).text


def structured(asked: Asked, told: Told) -> None:
    told["value"] = json.loads(_reply(_chat(asked, response_format=SCHEMA), USER).text or "")


def think(asked: Asked, told: Told) -> None:
    generator = _chat(asked, think=True, streaming_callback=lambda part: None)
    reply = _reply(generator, USER)
    told["thinking"] = reply.reasoning.reasoning_text if reply.reasoning else ""
    told["text"] = reply.text


def plain(asked: Asked, told: Told) -> None:
    reply = _reply(_chat(asked, think=False), USER)
    told["thinking"] = reply.reasoning.reasoning_text if reply.reasoning else ""
    told["text"] = reply.text


def picture(asked: Asked, told: Told) -> None:
    seen = ImageContent(PIXEL, mime_type="image/png")
    told["text"] = _reply(_chat(asked), ChatMessage.from_user(content_parts=[QUESTION, seen])).text


def embed(asked: Asked, told: Told) -> None:
    documents = [Document(content=text) for text in TEXTS]
    embedder = OllamaDocumentEmbedder(asked.model, asked.host, progress_bar=False)
    told["vectors"] = [document.embedding for document in embedder.run(documents)["documents"]]
    told["vector"] = OllamaTextEmbedder(asked.model, asked.host).run(TEXTS[0])["embedding"]


def leave(asked: Asked, told: Told) -> None:
    def read(part: Any) -> None:
        told["pieces"] = [part.content]
        raise _Left

    with contextlib.suppress(_Left):
        _chat(asked, streaming_callback=read).run([USER])


drive(whole, stream, call, calls, structured, think, plain, picture, embed, leave)
