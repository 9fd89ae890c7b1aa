"""Translation of Ollama's `format` to OpenAI's `response_format`."""

import json
from typing import Any

from ollama_openai_proxy_models import openai

from ...errors import InvalidOption
from ...profiles.dialects import Dialect

type _Messages = list[openai.ChatCompletionRequestMessage]

_INSTRUCTION = "Answer with JSON."
_SCHEMA = "Answer with JSON that follows this JSON Schema:"
_ANY_OBJECT = {"type": "object"}


def openai_response_format(format_: Any) -> openai.ResponseFormat | None:
    """The `response_format` for `format`: "json", a JSON Schema, or None or "" for free text.

    Raises InvalidOption, with Ollama's message, for any other value.
    """
    if format_ is None or format_ == "":
        return None
    if format_ == "json":
        return openai.ResponseFormat(type="json_object")
    if isinstance(format_, dict):
        schema = openai.JSONSchemaFormat(name="response", schema=format_)
        return openai.ResponseFormat(type="json_schema", json_schema=schema)
    raw = json.dumps(json.dumps(format_, ensure_ascii=False), ensure_ascii=False)
    raise InvalidOption(f'invalid format: {raw}; expected "json" or a valid JSON Schema object')


def in_dialect(
    messages: _Messages, form: openai.ResponseFormat | None, dialect: Dialect
) -> tuple[_Messages, openai.ResponseFormat | None]:
    """Adapt `messages` and `form` to the formats that the backend supports.

    Without `json_schema`, the schema is sent as an instruction. Without `json_object`, a schema
    that matches any object is sent.
    """
    schema = form.json_schema if form is not None else None
    if isinstance(schema, openai.JSONSchemaFormat) and not dialect.json_schema:
        text = json.dumps(schema.schema, ensure_ascii=False)
        messages = _with_instruction(messages, f"{_SCHEMA}\n{text}")
        form = openai.ResponseFormat(type="json_object")
    if form is not None and form.type == "json_object" and not dialect.json_object:
        any_object = openai.JSONSchemaFormat(name="response", schema=_ANY_OBJECT)
        form = openai.ResponseFormat(type="json_schema", json_schema=any_object)
    return with_the_word(messages, form), form


def with_the_word(messages: _Messages, form: openai.ResponseFormat | None) -> _Messages:
    """Add an instruction that contains the word JSON, if the `json_object` mode needs it.

    OpenAI, Azure, Groq and DeepSeek reject this mode unless a message contains the word.
    """
    if form is None or form.type != "json_object" or any(map(_mentions_json, messages)):
        return messages
    return _with_instruction(messages, _INSTRUCTION)


def _with_instruction(messages: _Messages, instruction: str) -> _Messages:
    """Append `instruction` to the system message, or add one.

    Many prompt templates accept only one system message.
    """
    first, *rest = messages
    if isinstance(first, openai.SystemMessage):
        return [openai.SystemMessage(content=f"{first.content}\n\n{instruction}"), *rest]
    return [openai.SystemMessage(content=instruction), *messages]


def _mentions_json(message: openai.ChatCompletionRequestMessage) -> bool:
    content = message.content
    if isinstance(content, str):
        return "json" in content.lower()
    parts = content if isinstance(content, list) else []
    return any(isinstance(part, openai.TextPart) and "json" in part.text.lower() for part in parts)
