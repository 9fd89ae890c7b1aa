"""Model metadata from the backend's model list."""

from typing import Any

import msgspec
import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.translator.models.metadata import (
    Metadata,
    capabilities,
    human_number,
    metadata,
)


def metadata_of(id_: str = "acme", default_context: int = 4096, **fields: Any) -> Metadata:
    return metadata(msgspec.convert({"id": id_, **fields}, openai.Model), default_context)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (7_000_000_000, "7B"),
        (7_615_616_512, "7.6B"),
        (8_030_000_000, "8.0B"),
        (334_090_000, "334.09M"),
        (137_000_000, "137M"),
        (12_000, "12K"),
        (999, "999"),
    ],
)
def test_numbers_are_formatted_for_people(number: int, text: str) -> None:
    assert human_number(number) == text


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        ({"meta": {"n_ctx": 8192, "n_ctx_train": 131072}}, 8192),
        ({"meta": {"n_ctx_train": 131072}}, 131072),
        ({"max_model_len": 16384}, 16384),
        ({"context_length": 200000}, 200000),
        ({"context_window": 131072}, 131072),
        ({"max_context_length": 32768}, 32768),
        ({"max_model_len": 16384, "context_length": 32768}, 16384),
        ({"loaded_context_length": 4000, "max_context_length": 32768}, 4000),
        ({"top_provider": {"context_length": 65536}}, 65536),
        ({"top_provider": {"context_length": None}}, 4096),
        ({"top_provider": "x"}, 4096),
        ({"context_length": 0}, 4096),
        ({"context_length": None, "meta": None}, 4096),
        ({}, 4096),
    ],
    ids=[
        "llama.cpp", "llama.cpp, trained length", "vLLM", "OpenRouter", "Groq", "Mistral",
        "max_model_len before context_length",
        "LM Studio", "OpenRouter, top provider", "OpenRouter, no length", "odd values", "zero", "while loading", "unknown",
    ],
)  # fmt: skip
def test_the_context_length_is_read_from_any_known_field(
    fields: dict[str, Any], length: int
) -> None:
    assert metadata_of(**fields).context_length == length


@pytest.mark.parametrize(
    ("fields", "capabilities"),
    [
        ({}, ("completion", "tools")),
        ({"type": "llm"}, ("completion", "tools")),
        ({"type": "vlm"}, ("completion", "tools", "vision")),
        ({"type": "embeddings"}, ("embedding",)),
        ({"type": "embedding"}, ("embedding",)),
        (
            {"capabilities": {"completion_chat": True, "function_calling": False, "vision": True}},
            ("completion", "vision"),
        ),
        (
            {"capabilities": {"completion_chat": True, "function_calling": True, "reasoning": True}},
            ("completion", "tools", "thinking"),
        ),
        ({"capabilities": ["tool_use"]}, ("completion", "tools")),
        ({"capabilities": ["completion", "multimodal"]}, ("completion", "vision")),
        (
            {
                "architecture": {"input_modalities": ["text", "image"]},
                "supported_parameters": ["tools", "reasoning", "temperature"],
            },
            ("completion", "tools", "vision", "thinking"),
        ),
        ({"supported_parameters": ["temperature"]}, ("completion",)),
        ({"architecture": {"input_modalities": ["text", "audio"]}}, ("completion", "tools", "audio")),
        ({"supports_image_input": True, "supports_tools": True}, ("completion", "tools", "vision")),
        ({"supports_image_input": True, "supports_tools": False}, ("completion", "vision")),
        ({"capabilities": [1, None, "unheard of"]}, ("completion", "tools")),
        ({"owned_by": "llamacpp", "capabilities": ["completion"]}, ("completion", "tools")),
        (
            {"owned_by": "llamacpp", "capabilities": ["completion"], "supports_tools": False},
            ("completion",),
        ),
        (
            {"owned_by": "llamacpp", "capabilities": ["completion", "thinking"], "supports_tools": True},
            ("completion", "tools", "thinking"),
        ),
        ({"capabilities": {"completion_chat": False, "function_calling": False}}, ("completion",)),
        ({"type": "image"}, ("image",)),
        ({"type": "moderation"}, ()),
        ({"kind": "FLUMINA_BASE_MODEL"}, ("image",)),
        ({"kind": "HF_BASE_MODEL", "supports_tools": True}, ("completion", "tools")),
        ({"architecture": {"output_modalities": ["embeddings"]}}, ("embedding",)),
        (
            {"architecture": {"output_modalities": ["text", "image"]}, "supported_parameters": ["tools"]},
            ("completion", "tools"),
        ),
        ({"capabilities": ["embedding"]}, ("embedding",)),
        ({"capabilities": ["image"]}, ("image",)),
    ],
    ids=[
        "no metadata", "LM Studio", "LM Studio, vision", "LM Studio, embedding", "Together, embedding",
        "Mistral", "Mistral, thinking", "LM Studio, tools", "llama.cpp", "OpenRouter",
        "OpenRouter, no tools", "audio", "Fireworks", "Fireworks, no tools", "odd values",
        "llama.cpp without /props", "llama.cpp without tools", "llama.cpp, thinking", "Mistral, no capability",
        "Together, image", "Together, moderation", "Fireworks, image", "Fireworks, chat",
        "OpenRouter, embedding", "OpenRouter, text and image", "list, embedding", "list, image",
    ],
)  # fmt: skip
def test_capabilities_are_read_from_any_known_field(
    fields: dict[str, Any], capabilities: tuple[str, ...]
) -> None:
    assert metadata_of(**fields).capabilities == capabilities


@pytest.mark.parametrize(
    "id_",
    [
        "text-embedding-3-small", "nomic-embed-text", "mxbai-embed-large:335m", "BAAI/bge-m3",
        "intfloat/e5-large", "thenlper/gte-base", "all-minilm", "mistral-embed",
    ],
)  # fmt: skip
def test_an_embedding_model_is_recognized_by_its_name(id_: str) -> None:
    assert metadata_of(id_).capabilities == ("embedding",)


@pytest.mark.parametrize("id_", ["gpt-4o", "phi-3-5", "badge-7b", "llama3", "the5th"])
def test_other_names_are_not_embedding_models(id_: str) -> None:
    assert "embedding" not in metadata_of(id_).capabilities


@pytest.mark.parametrize(
    ("id_", "family", "size"),
    [
        ("qwen2.5-7b-instruct", "qwen2", "7B"),
        ("Qwen/Qwen3-0.6B", "qwen3", "0.6B"),
        ("meta-llama/Llama-3.1-70B-Instruct", "llama", "70B"),
        ("mxbai-embed-large:335m", "mxbai", "335M"),
        ("llama3:8b", "llama3", "8B"),
        ("gpt-4o", "gpt", ""),
        ("o3-mini", "o3", ""),
        ("4b", "unknown", "4B"),
        ("accounts/acme/models/x", "x", ""),
    ],
)
def test_family_and_size_are_parsed_from_the_name(id_: str, family: str, size: str) -> None:
    assert (metadata_of(id_).family, metadata_of(id_).parameter_size) == (family, size)


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"meta": {"ftype": "Q4_K - Medium"}}, "Q4_K_M"),
        ({"meta": {"ftype": "Q3_K - Large"}}, "Q3_K_L"),
        ({"meta": {"ftype": "Q4_1"}}, "Q4_1"),
        ({"meta": {"ftype": "(guessed)Q5_K - Small"}}, "Q5_K_S"),
        ({"meta": {"ftype": "all F32"}}, "F32"),
        ({"meta": {"ftype": "MXFP4 MoE"}}, "MXFP4"),
        ({"meta": {"ftype": "IQ2_XXS - 2.0625 bpw"}}, "IQ2_XXS"),
        ({"quantization": "Q8_0"}, "Q8_0"),
        ({"quantization": {"name": "Q8_0"}}, "unknown"),
        ({"meta": {"ftype": ""}}, "unknown"),
        ({}, "unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_quantization_levels_have_ollamas_names(fields: dict[str, Any], level: str) -> None:
    assert metadata_of(**fields).quantization_level == level


def test_type_llm_overrides_an_embedding_name_and_type_base_does_not() -> None:
    assert metadata_of("mistral-embed", type="base").capabilities == ("embedding",)
    assert metadata_of("embedding-gemma-chat", type="llm").capabilities == ("completion", "tools")


def test_sizes_are_read_from_llamacpp_metadata() -> None:
    meta = {"n_params": 7_615_616_512, "n_embd": 3584, "size": 4_683_075_271}
    facts = metadata_of("x-1b", meta=meta)
    assert (facts.parameters, facts.parameter_size) == (7_615_616_512, "7.6B")
    assert (facts.embedding_length, facts.size) == (3584, 4_683_075_271)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(-5, 0), (1e300, 2**63 - 1), (10**30, 2**63 - 1), (0, 0), (None, 0)],
    ids=repr,
)
def test_sizes_are_not_negative_and_fit_64_bits(number: float | None, expected: int) -> None:
    facts = metadata_of(meta={"n_params": number, "n_embd": number, "size": number})
    assert (facts.parameters, facts.embedding_length, facts.size) == (expected, expected, expected)
    assert metadata_of(default_context=expected, max_model_len=number).context_length == expected


def test_an_insert_model_has_only_completion_and_insert() -> None:
    model = openai.Model(id="gpt-3.5-turbo-instruct-0914")
    assert capabilities(model) == ("completion", "insert")
    assert "insert" not in capabilities(openai.Model(id="gpt-3.5-turbo"))
