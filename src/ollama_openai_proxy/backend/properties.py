"""What llama.cpp tells of its one model at /props, as fields of its list."""

from collections.abc import Mapping
from typing import Any

import msgspec
from ollama_openai_proxy_models import openai

LLAMACPP = "llamacpp"
"""Its `owned_by`."""
_MODALITIES = {"vision": "vision", "audio": "audio"}
_THINKING = ("enable_thinking", "<think>", "reasoning_effort")  # in templates of models that think


def with_properties(model: openai.Model, properties: openai.ServerProperties) -> openai.Model:
    """`model` with its capabilities, and the context that one answer really has."""
    caps, modalities = _object(properties.chat_template_caps), _object(properties.modalities)
    told = model.capabilities if isinstance(model.capabilities, list) else []
    told = told + [word for word, name in _MODALITIES.items() if modalities.get(name) is True]
    template = properties.chat_template
    if isinstance(template, str) and any(word in template for word in _THINKING):
        told.append("thinking")
    tools = caps.get("supports_tools")
    meta = model.meta or openai.ModelMeta()
    length = _object(properties.default_generation_settings).get("n_ctx")
    if isinstance(length, int):
        meta = msgspec.structs.replace(meta, n_ctx=length)
    return msgspec.structs.replace(
        model,
        capabilities=told or None,
        supports_tools=tools if isinstance(tools, bool) else None,
        meta=meta,
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
