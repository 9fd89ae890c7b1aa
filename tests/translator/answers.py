"""Answers of a backend as structs, and what a turn makes of them."""

from typing import Any

import msgspec
from ollama_openai_proxy_models import ollama, openai

from ollama_openai_proxy.translator.response.parts import Piece, Text, Thinking
from ollama_openai_proxy.translator.response.reader import Turn


def event(document: dict[str, Any]) -> openai.CreateChatCompletionStreamResponse:
    return msgspec.convert(document, openai.CreateChatCompletionStreamResponse)


def whole(document: dict[str, Any]) -> openai.CreateChatCompletionResponse:
    return msgspec.convert(document, openai.CreateChatCompletionResponse)


def call(
    index: int | None = 0, id_: str = "x", name: str = "f", arguments: Any = "{}"
) -> dict[str, Any]:
    return {"index": index, "id": id_, "function": {"name": name, "arguments": arguments}}


def streamed(
    *documents: dict[str, Any], done: bool = True, turn: Turn | None = None
) -> list[Piece]:
    """All pieces of a stream."""
    turn = turn or Turn()
    pieces = [piece for document in documents for piece in turn.receive(event(document))]
    return pieces + turn.close(done)


def summary(pieces: list[Piece]) -> tuple[str, str, list[tuple[str, Any]]]:
    """The text, the thoughts and the calls."""
    return (
        "".join(piece.text for piece in pieces if isinstance(piece, Text)),
        "".join(piece.text for piece in pieces if isinstance(piece, Thinking)),
        [
            (piece.function.name, piece.function.arguments)
            for piece in pieces
            if isinstance(piece, ollama.ToolCall)
        ],
    )
