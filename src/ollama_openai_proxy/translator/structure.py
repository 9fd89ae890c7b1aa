"""`format` → `response_format`."""

import json
from typing import Any

from ollama_openai_proxy_models import openai

from ..errors import InvalidOption

_INSTRUCTION = "Answer with JSON."


def to_openai(format_: Any) -> openai.ResponseFormat | None:
    """The form asked for; None for free text. Raises InvalidOption for anything else than those."""
    if format_ is None or format_ == "":
        return None
    if format_ == "json":
        return openai.ResponseFormat(type="json_object")
    if isinstance(format_, dict):
        schema = openai.JSONSchemaFormat(name="response", schema=format_)
        return openai.ResponseFormat(type="json_schema", json_schema=schema)
    raw = json.dumps(json.dumps(format_, ensure_ascii=False), ensure_ascii=False)
    raise InvalidOption(f'invalid format: {raw}; expected "json" or a valid JSON Schema object')


def with_the_word(
    messages: list[openai.ChatCompletionRequestMessage], form: openai.ResponseFormat | None
) -> list[openai.ChatCompletionRequestMessage]:
    """`messages`, with the word JSON in them where `json_object` is asked for.

    OpenAI, Azure, Groq and DeepSeek refuse the mode when no message says it.
    """
    if form is None or form.type != "json_object" or any(map(_says_json, messages)):
        return messages
    first, *rest = messages
    if isinstance(first, openai.SystemMessage):  # many templates take one system message only
        return [openai.SystemMessage(content=f"{first.content}\n\n{_INSTRUCTION}"), *rest]
    return [openai.SystemMessage(content=_INSTRUCTION), *messages]


def _says_json(message: openai.ChatCompletionRequestMessage) -> bool:
    content = message.content
    if isinstance(content, str):
        return "json" in content.lower()
    parts = content if isinstance(content, list) else []
    return any(isinstance(part, openai.TextPart) and "json" in part.text.lower() for part in parts)
