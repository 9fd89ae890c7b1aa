"""The generated classes work with msgspec in the way the service uses them."""

import msgspec
import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.handlers import HANDLERS

DECODED = [
    openai.CreateChatCompletionResponse,
    openai.CreateChatCompletionStreamResponse,
    openai.CreateEmbeddingResponse,
    openai.ListModelsResponse,
    openai.Model,
    *[handler.body for handler in HANDLERS.values() if handler.body is not None],
]


@pytest.mark.parametrize("kind", DECODED, ids=lambda kind: kind.__name__)
def test_a_decoder_can_be_created(kind: type[msgspec.Struct]) -> None:
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.Decoder(kind).decode(b"[]")


@pytest.mark.parametrize("kind", DECODED, ids=lambda kind: kind.__name__)
def test_unknown_fields_are_ignored(kind: type[msgspec.Struct]) -> None:
    required = {"data": [], "id": "x", "model": "m"}
    struct = msgspec.convert({**required, "unheard of": [{}]}, kind)
    assert "unheard of" not in msgspec.to_builtins(struct)
