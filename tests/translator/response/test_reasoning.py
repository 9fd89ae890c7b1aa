"""Reasoning in the fields of different backends."""

from typing import Any

import msgspec
import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.translator.response.reasoning import reasoning_in, split_fragments


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        ({"reasoning_content": "hm"}, "hm"),
        ({"reasoning": "hm"}, "hm"),
        ({"reasoning": {"content": "hm"}}, "hm"),
        ({"reasoning": {"summary": "hm"}}, "hm"),
        ({"reasoning_details": [{"text": "h"}, {"summary": "m"}, {"type": "x"}]}, "hm"),
        ({"reasoning_content": "hm", "reasoning": "hm", "reasoning_details": [{"text": "hm"}]}, "hm"),
        ({"reasoning": "hm", "reasoning_details": [{"text": "hm"}]}, "hm"),
        ({"reasoning_content": "", "reasoning": "hm"}, "hm"),
        ({"reasoning_content": None, "reasoning": None, "content": "hi"}, ""),
        ({"reasoning": 5}, ""),
        ({"reasoning": {"content": ["hm"]}}, ""),
        ({"reasoning_details": []}, ""),
    ],
    ids=[
        "DeepSeek", "vLLM", "an object", "a summary", "OpenRouter", "mirrored", "mirrored details",
        "an empty field first", "missing", "a number", "a list in an object", "no details",
    ],
)  # fmt: skip
def test_reasoning_is_found_in_every_dialect(delta: dict[str, Any], text: str) -> None:
    assert reasoning_in(msgspec.convert(delta, openai.ChatCompletionStreamDelta)) == text
    assert reasoning_in(msgspec.convert(delta, openai.ChatCompletionMessage)) == text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            [
                {"type": "thinking", "thinking": [{"type": "text", "text": "h"}, {"text": "m"}]},
                {"type": "text", "text": "hi"},
            ],
            ("hm", "hi"),
        ),
        ([{"type": "thinking", "thinking": "hm"}], ("hm", "")),
        ([{"type": "text", "text": "h"}, {"type": "text", "text": "i"}], ("", "hi")),
        ([{"type": "text", "text": None}, {}], ("", "")),
        ([{"type": "thinking", "thinking": 5}], ("", "")),
        ([], ("", "")),
    ],
    ids=["Mistral", "a bare string", "text only", "no text", "a number", "no fragments"],
)
def test_fragments_are_split_into_reasoning_and_text(
    content: Any, expected: tuple[str, str]
) -> None:
    assert split_fragments(msgspec.convert(content, list[openai.ContentFragment])) == expected
