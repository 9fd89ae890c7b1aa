"""The request schemas in specs/openai.yaml describe exactly what the service sends."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from ollama_openai_proxy_models import ollama, openai

from ollama_openai_proxy.conformance.contract import operations
from ollama_openai_proxy.profiles.dialects import DIALECTS, Dialect
from ollama_openai_proxy.spec import load_spec
from ollama_openai_proxy.translator import chat, completion, embed
from ollama_openai_proxy.translator.request.options import OPTIONS

SCHEMAS = load_spec("openai.yaml")["components"]["schemas"]
WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA="
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
TOOL = {
    "type": "function",
    "function": {"name": "f", "description": "d", "parameters": {"type": "object"}},
}
MESSAGES = [
    {"role": "system", "content": "be brief"},
    {"role": "user", "content": "look", "images": [PNG, WAV]},
    {
        "role": "assistant",
        "content": "",
        "thinking": "hm",
        "tool_calls": [{"id": "c1", "function": {"name": "f", "arguments": {"a": 1}}}],
    },
    {"role": "tool", "content": "42", "tool_name": "f", "tool_call_id": "c1"},
]
OPTION_VALUES = {
    "stop": ["x"],
    "use_mmap": True,
    "top_p": 0.5,
    "typical_p": 0.5,
    "repeat_penalty": 1.5,
}


def options() -> dict[str, Any]:
    return {option.name: OPTION_VALUES.get(option.name, 1) for option in OPTIONS}


def requests(dialect: Dialect) -> Iterator[tuple[str, Any]]:
    """Requests that together use every client option, each with the name of its schema."""
    for think in (None, True, False, "high"):
        for form in (None, "json", SCHEMA):
            fields_of_chat = {
                "model": "m", "messages": MESSAGES, "tools": [TOOL], "think": think, "format": form,
                "options": options(), "logprobs": True, "top_logprobs": 2,
            }  # fmt: skip
            request = msgspec.convert(fields_of_chat, ollama.ChatRequest)
            yield "CreateChatCompletionRequest", chat.upstream_request(request, "m", dialect)
    plain = {"model": "m", "prompt": "a", "suffix": "b", "options": options(), "logprobs": True}
    yield (
        "CreateCompletionRequest",
        completion.upstream_request(
            msgspec.convert(plain, ollama.GenerateRequest), openai.Model(id="m"), dialect
        ),
    )
    yield "CreateEmbeddingRequest", embed.upstream_request(["a"], "m", 8)


def fields(schema: dict[str, Any], document: Any) -> Iterator[tuple[str, str]]:
    """The described fields that `document` has, as (schema name, field)."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = SCHEMAS[name]
        if isinstance(document, dict):
            yield from ((name, field) for field in document.keys() & schema.get("properties", {}))
    for word in ("oneOf", "anyOf", "allOf"):
        for alternative in schema.get(word, ()):
            yield from fields(alternative, document)
    if isinstance(document, dict):
        for field, part in schema.get("properties", {}).items():
            if field in document:
                yield from fields(part, document[field])
    for item in document if isinstance(document, list) else ():
        yield from fields(schema.get("items", {}), item)


def reached(node: Any) -> Iterator[str]:
    """The names of all schemas that `node` refers to, directly or indirectly."""
    if isinstance(node, dict):
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            yield name
            yield from reached(SCHEMAS[name])
        for part in node.values():
            yield from reached(part)
    elif isinstance(node, list):
        for part in node:
            yield from reached(part)


BODIES = sorted(
    {operation.body for operation in operations("openai.yaml").values() if operation.body}
)
REQUESTS = sorted({*BODIES, *(name for body in BODIES for name in reached(SCHEMAS[body]))})


@pytest.fixture(scope="module")
def sent() -> set[tuple[str, str]]:
    """Every field that the translator sends to any backend."""
    return {
        found
        for dialect in DIALECTS.values()
        for name, request in requests(dialect)
        for found in fields({"$ref": f"#/components/schemas/{name}"}, msgspec.to_builtins(request))
    }


@pytest.mark.parametrize("name", REQUESTS)
def test_each_described_field_is_sent_to_some_backend(
    name: str, sent: set[tuple[str, str]]
) -> None:
    described = {(name, field) for field in SCHEMAS[name].get("properties", {})}
    assert described - sent == set()


def parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for part in node.values():
            yield from parts(part)
    elif isinstance(node, list):
        for part in node:
            yield from parts(part)


@pytest.mark.parametrize("name", REQUESTS)
def test_request_schemas_allow_neither_unknown_fields_nor_empty_arrays(name: str) -> None:
    for part in parts(SCHEMAS[name]):
        if "properties" in part:
            assert part["additionalProperties"] is False
        if part.get("type") == "array":
            assert part["minItems"] >= 1


def test_only_one_field_may_be_null() -> None:
    null = [name for name in REQUESTS for part in parts(SCHEMAS[name]) if part.get("nullable")]
    assert null == ["AssistantMessage"], (
        "its content, beside tool calls: some backends require the key"
    )
