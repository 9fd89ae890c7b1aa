"""specs/openai.yaml describes of requests what is sent, and no more."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ollama_openai_proxy import translator
from ollama_openai_proxy.conformance.contract import operations
from ollama_openai_proxy.spec import load_spec

SCHEMAS = load_spec("openai.yaml")["components"]["schemas"]
SOURCES = "\n".join(
    path.read_text("utf-8") for path in Path(translator.__file__).parent.glob("*.py")
)
_ALWAYS = {"role", "type"}
"""Written by the generated classes themselves."""


def reached(node: Any) -> Iterator[str]:
    """The schemas that a request may hold."""
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


BODIES = sorted({one.body for one in operations("openai.yaml").values() if one.body})
REQUESTS = sorted({*BODIES, *(name for body in BODIES for name in reached(SCHEMAS[body]))})


@pytest.mark.parametrize("name", REQUESTS)
def test_each_field_of_a_request_is_one_that_the_translator_knows(name: str) -> None:
    fields = set(SCHEMAS[name].get("properties", {})) - _ALWAYS
    assert {field for field in fields if not re.search(rf"\b{field}\b", SOURCES)} == set()


def parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for part in node.values():
            yield from parts(part)
    elif isinstance(node, list):
        for part in node:
            yield from parts(part)


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_closed_and_has_no_empty_arrays(name: str) -> None:
    for part in parts(SCHEMAS[name]):
        if "properties" in part:
            assert part["additionalProperties"] is False
        if part.get("type") == "array":
            assert part["minItems"] >= 1


def test_null_is_sent_in_one_place_alone() -> None:
    null = [name for name in REQUESTS for part in parts(SCHEMAS[name]) if part.get("nullable")]
    assert null == ["AssistantMessage"], "its content, beside calls: some backends want the key"
