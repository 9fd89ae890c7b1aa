"""Backend completions as structs, and summaries of the parts that the reader returns."""

from typing import Any

import msgspec
from ollama_openai_proxy_models import ollama, openai

from ollama_openai_proxy.translator.response.parts import Part, Text, Thinking
from ollama_openai_proxy.translator.response.reader import CompletionReader


def event(document: dict[str, Any]) -> openai.CreateChatCompletionStreamResponse:
    return msgspec.convert(document, openai.CreateChatCompletionStreamResponse)


def whole(document: dict[str, Any]) -> openai.CreateChatCompletionResponse:
    return msgspec.convert(document, openai.CreateChatCompletionResponse)


def call(
    index: int | None = 0, id_: str = "x", name: str = "f", arguments: Any = "{}"
) -> dict[str, Any]:
    return {"index": index, "id": id_, "function": {"name": name, "arguments": arguments}}


def streamed(
    *documents: dict[str, Any], done: bool = True, reader: CompletionReader | None = None
) -> list[Part]:
    """Return all parts of a stream."""
    reader = reader or CompletionReader()
    parts = [part for document in documents for part in reader.receive(event(document))]
    return parts + reader.close(done)


def summary(parts: list[Part]) -> tuple[str, str, list[tuple[str, Any]]]:
    """Return the text, the reasoning and the calls."""
    return (
        "".join(part.text for part in parts if isinstance(part, Text)),
        "".join(part.text for part in parts if isinstance(part, Thinking)),
        [
            (part.function.name, part.function.arguments)
            for part in parts
            if isinstance(part, ollama.ToolCall)
        ],
    )
