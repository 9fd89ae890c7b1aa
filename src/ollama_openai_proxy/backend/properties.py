"""Adds the properties that llama.cpp returns at /props to its entry in the model list."""

from collections.abc import Mapping
from typing import Any

import msgspec
from ollama_openai_proxy_models import openai

LLAMACPP = "llamacpp"
"""llama.cpp's `owned_by` in the model list."""
_MODALITIES = {"vision": "vision", "audio": "audio"}
_THINKING = ("enable_thinking", "<think>", "reasoning_effort")
"""Strings in the chat templates of reasoning models."""


def with_properties(model: openai.Model, properties: openai.ServerProperties) -> openai.Model:
    """Return `model` with its capabilities and the context length of one slot."""
    caps, modalities = _object(properties.chat_template_caps), _object(properties.modalities)
    found = model.capabilities if isinstance(model.capabilities, list) else []
    found = found + [word for word, name in _MODALITIES.items() if modalities.get(name) is True]
    template = properties.chat_template
    if isinstance(template, str) and any(word in template for word in _THINKING):
        found.append("thinking")
    tools = caps.get("supports_tools")
    meta = model.meta or openai.ModelMeta()
    length = _object(properties.default_generation_settings).get("n_ctx")
    if isinstance(length, int):
        meta = msgspec.structs.replace(meta, n_ctx=length)
    return msgspec.structs.replace(
        model,
        capabilities=found or None,
        supports_tools=tools if isinstance(tools, bool) else None,
        meta=meta,
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
