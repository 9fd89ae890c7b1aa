"""Model metadata, extracted from the model lists of all known kinds of backends."""

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from ollama_openai_proxy_models import openai

from ...profiles.dialects import INSTRUCT
from ..integers import integer

Capability = Literal[
    "completion", "tools", "insert", "vision", "embedding", "thinking", "image", "audio"
]
_ALL: tuple[Capability, ...] = (
    "completion", "tools", "insert", "vision", "embedding", "thinking", "image", "audio",
)  # fmt: skip

_EMBEDDING_NAME = re.compile(
    r"embed|(^|[/_-])(bge|e5|gte|minilm|nomic-bert)([_\-.]|$)", re.IGNORECASE
)
_SIZE = re.compile(r"(?:^|[-_:.])(\d+(?:\.\d+)?)\s*([bm])(?![a-z0-9])", re.IGNORECASE)
_FAMILY = re.compile(r"[A-Za-z]+(?:\d+(?=[-_.:]|$))?")

# Backends' names of capabilities → Ollama's. Sources: Mistral, LM Studio, and OpenRouter's
# supported_parameters. In Ollama `image` means image generation; image input is `vision`.
_SYNONYMS: Mapping[str, Capability] = {
    **{name: name for name in _ALL},
    "completion_chat": "completion",
    "function_calling": "tools",
    "reasoning": "thinking",
    "tool_use": "tools",
    "trained_for_tool_use": "tools",
    "reasoning_effort": "thinking",
    "image_input": "vision",
    "multimodal": "vision",
}
_DEFAULT: tuple[Capability, ...] = ("completion", "tools")
_ALONE: frozenset[Capability] = frozenset({"embedding", "image"})
_CHAT = ("llm", "vlm", "chat", "language", "code")  # LM Studio, Together
# Capabilities of models that are not chat models, by Together's `type`, Fireworks' `kind` or
# OpenRouter's output modality.
_KINDS: Mapping[str, tuple[Capability, ...]] = {
    "embedding": ("embedding",),
    "embeddings": ("embedding",),
    "image": ("image",),
    "FLUMINA_BASE_MODEL": ("image",),
    "EMBEDDING_MODEL": ("embedding",),
    "rerank": (),
    "moderation": (),
    "audio": (),
    "transcribe": (),
    "video": (),
}
# Suffixes of quantization names in llama.cpp (llama-model-loader.cpp) → Ollama's suffixes
_FORMATS = ((" - Small", "_S"), (" - Medium", "_M"), (" - Large", "_L"), (" MoE", ""))
_DECORATION = re.compile(r"\(guessed\)|^all | - [\d.]+ bpw.*| \[.*")


class Metadata(NamedTuple):
    """Metadata of one model.

    `size` is in bytes and `context_length` in tokens; numbers are 0 if unknown.
    """

    capabilities: tuple[Capability, ...]
    context_length: int
    embedding_length: int
    parameters: int
    size: int
    family: str
    parameter_size: str
    quantization_level: str


def metadata(model: openai.Model, default_context: int) -> Metadata:
    """The metadata of one entry of the model list.

    `default_context` is the context length, in tokens, if the entry does not contain one.
    """
    meta = model.meta or openai.ModelMeta()
    parameters = _count(meta.n_params)
    return Metadata(
        capabilities=capabilities(model),
        context_length=_context_length(model) or default_context,
        embedding_length=_count(meta.n_embd),
        parameters=parameters,
        size=_count(meta.size),
        family=model.arch or _family(model.id),
        parameter_size=human_number(parameters) if parameters else _size_in_name(model.id),
        quantization_level=_quantization(meta.ftype or model.quantization),
    )


def capabilities(model: openai.Model) -> tuple[Capability, ...]:
    """The model's capabilities, with Ollama's names and in Ollama's order.

    A model without any information is assumed to support chat and tools: clients hide models
    without these capabilities, and the backend returns a clear error if one is missing.
    """
    kind = _kind(model)
    if kind is not None:
        return kind
    listed = _listed(model)
    if listed and listed <= _ALONE:
        return tuple(name for name in _ALL if name in listed)
    if model.id.startswith(INSTRUCT):  # text completion models without chat
        return ("completion", "insert")
    found = listed | {"completion"} if listed or _lists_tools(model) else set(_DEFAULT)
    if not _lists_tools(model):
        found.add("tools")
    return tuple(name for name in _ALL if name in found - _ALONE)


def _kind(model: openai.Model) -> tuple[Capability, ...] | None:
    """The capabilities of a model that is not a chat model; None for chat models."""
    outputs = model.architecture.output_modalities if model.architecture else None
    words = [model.type, model.kind, *(outputs if outputs and "text" not in outputs else ())]
    kinds = [_KINDS[word] for word in words if word in _KINDS]
    if kinds:
        return kinds[0]
    if model.type not in _CHAT and _EMBEDDING_NAME.search(model.id):
        return ("embedding",)
    return None


def _listed(model: openai.Model) -> set[Capability]:
    """The capabilities that any field of the entry mentions."""
    names = [name for name, has in _flags(model).items() if has]
    names += model.supported_parameters or []
    found = {_SYNONYMS[name] for name in names if name in _SYNONYMS}
    inputs = (model.architecture.input_modalities if model.architecture else None) or []
    if "image" in inputs or model.supports_image_input or model.type == "vlm":
        found.add("vision")
    if "audio" in inputs:
        found.add("audio")
    if model.supports_tools:
        found.add("tools")
    return found


def _flags(model: openai.Model) -> dict[str, bool]:
    """The entry's `capabilities` as flags. Some backends send an object of flags, others a list."""
    if isinstance(model.capabilities, dict):
        return {str(name): bool(has) for name, has in model.capabilities.items()}
    names = model.capabilities if isinstance(model.capabilities, list) else []
    return {name: True for name in names if isinstance(name, str)}


def _lists_tools(model: openai.Model) -> bool:
    """Whether the entry would mention tools if the model supported them.

    llama.cpp's `capabilities` never mention tools.
    """
    if model.supports_tools is not None or model.supported_parameters:
        return True
    return model.owned_by != "llamacpp" and any(word in _SYNONYMS for word in _flags(model))


def _count(number: Any) -> int:
    return max(integer(number), 0) if isinstance(number, int | float) else 0


def _context_length(model: openai.Model) -> int:
    meta = model.meta or openai.ModelMeta()
    best = model.top_provider.get("context_length") if isinstance(model.top_provider, dict) else 0
    lengths = (
        meta.n_ctx, model.loaded_context_length, model.max_model_len, model.context_length,
        model.context_window, model.max_context_length, best, meta.n_ctx_train,
    )  # fmt: skip
    return next((count for count in map(_count, lengths) if count), 0)


def _quantization(name: Any) -> str:
    if not isinstance(name, str) or not name:
        return "unknown"
    name = _DECORATION.sub("", name).strip()
    for end, short in _FORMATS:
        name = name.replace(end, short)
    return name or "unknown"


def _family(id_: str) -> str:
    match = _FAMILY.match(_basename(id_))
    return match[0].lower() if match else "unknown"


def _size_in_name(id_: str) -> str:
    match = _SIZE.search(_basename(id_))
    return f"{match[1]}{match[2].upper()}" if match else ""


def _basename(id_: str) -> str:
    return id_.rpartition("/")[2] or id_


def human_number(number: int) -> str:
    """Format a count as Ollama does (format/format.go), such as `7.6B`, `334.09M` or `12K`."""
    if number >= 10**9:
        billions = number / 1e9
        return f"{billions:.0f}B" if billions == int(billions) else f"{billions:.1f}B"
    if number >= 10**6:
        millions = number / 1e6
        return f"{millions:.0f}M" if millions == int(millions) else f"{millions:.2f}M"
    return f"{number // 1000}K" if number >= 1000 else str(number)
