"""Model metadata from llama.cpp's /props."""

from typing import Any

import msgspec
import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.backend.properties import with_properties


def model(**fields: Any) -> openai.Model:
    return msgspec.convert({"id": "acme", "owned_by": "llamacpp", **fields}, openai.Model)


def merged(properties: dict[str, Any], **fields: Any) -> openai.Model:
    return with_properties(model(**fields), msgspec.convert(properties, openai.ServerProperties))


@pytest.mark.parametrize("supported", [True, False])
def test_tool_support_is_taken_from_the_chat_template(supported: bool) -> None:
    assert merged({"chat_template_caps": {"supports_tools": supported}}).supports_tools is supported


@pytest.mark.parametrize("odd", [None, "x", [], {}, {"supports_tools": "yes"}], ids=repr)
def test_missing_or_invalid_tool_support_is_unknown(odd: Any) -> None:
    assert merged({"chat_template_caps": odd}).supports_tools is None


def test_modalities_are_appended_to_the_lists_capabilities() -> None:
    properties = {"modalities": {"vision": True, "video": True, "audio": False}}
    assert merged(properties, capabilities=["completion"]).capabilities == ["completion", "vision"]
    assert merged(properties).capabilities == ["vision"]
    assert merged({"modalities": None}).capabilities is None


@pytest.mark.parametrize(
    ("template", "supports_thinking"),
    [
        ("{% if enable_thinking %}", True),
        ("{{ '<think>' }}", True),
        ("{{ reasoning_effort }}", True),
        ("{{ messages }}", False),
        (None, False),
    ],
)
def test_a_template_that_mentions_reasoning_adds_the_thinking_capability(
    template: str | None, supports_thinking: bool
) -> None:
    merged_model = merged({"chat_template": template}, capabilities=["completion"])
    assert merged_model.capabilities == ["completion"] + ["thinking"] * supports_thinking


def test_the_context_length_is_that_of_a_single_request() -> None:
    settings = {"default_generation_settings": {"n_ctx": 2048}}
    meta = merged(settings, meta={"n_ctx_train": 8192, "n_embd": 576}).meta
    assert meta is not None
    assert (meta.n_ctx, meta.n_ctx_train, meta.n_embd) == (2048, 8192, 576)
    loading = merged(settings, meta=None).meta
    assert loading is not None
    assert loading.n_ctx == 2048
    odd = merged({"default_generation_settings": {"n_ctx": "many"}}, meta={"n_ctx": 4096}).meta
    assert odd is not None
    assert odd.n_ctx == 4096
