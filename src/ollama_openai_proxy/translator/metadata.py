"""What a backend's model list tells about a model, in whichever dialect's fields."""

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from ollama_openai_proxy_models import openai

from .integers import integer

Capability = Literal["completion", "tools", "vision", "embedding", "thinking", "audio"]
_ALL: tuple[Capability, ...] = ("completion", "tools", "vision", "embedding", "thinking", "audio")

_EMBEDDING_NAME = re.compile(
    r"embed|(^|[/_-])(bge|e5|gte|minilm|nomic-bert)([_\-.]|$)", re.IGNORECASE
)
_SIZE = re.compile(r"(?:^|[-_:.])(\d+(?:\.\d+)?)\s*([bm])(?![a-z0-9])", re.IGNORECASE)
_FAMILY = re.compile(r"[A-Za-z]+(?:\d+(?=[-_.:]|$))?")

# Another name for one of our capabilities: Mistral; LM Studio; OpenRouter's supported_parameters
_SYNONYMS: Mapping[str, Capability] = {
    **{name: name for name in _ALL},
    "completion_chat": "completion",
    "function_calling": "tools",
    "reasoning": "thinking",
    "tool_use": "tools",
    "trained_for_tool_use": "tools",
    "image": "vision",
    "multimodal": "vision",
}
_DEFAULT: tuple[Capability, ...] = ("completion", "tools")


class Metadata(NamedTuple):
    """What is known of a model; sizes in bytes, lengths in tokens, 0 where unknown."""

    capabilities: tuple[Capability, ...]
    context_length: int
    embedding_length: int
    parameters: int
    size: int
    family: str
    parameter_size: str


def metadata(model: openai.Model, default_context: int) -> Metadata:
    """The metadata of one entry; `default_context` stands in where no field tells."""
    meta = model.meta or openai.ModelMeta()
    parameters = _count(meta.n_params)
    return Metadata(
        capabilities=capabilities(model),
        context_length=_context_length(model) or default_context,
        embedding_length=_count(meta.n_embd),
        parameters=parameters,
        size=_count(meta.size),
        family=_family(model.id),
        parameter_size=human_number(parameters) if parameters else _size_in_name(model.id),
    )


def capabilities(model: openai.Model) -> tuple[Capability, ...]:
    """What the model can do, in Ollama's words and order.

    Where the list says nothing, a model is taken to chat and to call tools: clients hide those
    that do not, and a backend refuses in clear words what its model cannot do.
    """
    if _is_embedding(model):
        return ("embedding",)
    told = _told(model)
    found = told | {"completion"} if told else set(_DEFAULT)
    if not told & {"tools"} and not _says_all(model):
        found.add("tools")
    return tuple(name for name in _ALL if name in found and name != "embedding")


def _told(model: openai.Model) -> set[Capability]:
    names: list[Any] = []
    if isinstance(model.capabilities, dict):
        names += [name for name, has in model.capabilities.items() if has]
    elif isinstance(model.capabilities, list):
        names += model.capabilities
    names += model.supported_parameters or []
    if model.architecture is not None:
        names += model.architecture.input_modalities or []
    names += ["vision"] if model.supports_image_input or model.type == "vlm" else []
    names += ["tools"] if model.supports_tools else []
    return {_SYNONYMS[name] for name in names if isinstance(name, str) and name in _SYNONYMS}


def _says_all(model: openai.Model) -> bool:
    """Whether the entry lists everything that the model can do."""
    return bool(model.capabilities or model.supported_parameters) or model.supports_tools is False


def _is_embedding(model: openai.Model) -> bool:
    if model.type is not None:
        return model.type.startswith("embedding")
    return _EMBEDDING_NAME.search(model.id) is not None


def _count(number: float | None) -> int:
    return max(integer(number or 0), 0)


def _context_length(model: openai.Model) -> int:
    meta = model.meta or openai.ModelMeta()
    lengths = (
        meta.n_ctx, model.max_model_len, model.context_length, model.context_window,
        model.max_context_length, meta.n_ctx_train,
    )  # fmt: skip
    return next((count for count in map(_count, lengths) if count), 0)


def _family(id_: str) -> str:
    match = _FAMILY.match(_basename(id_))
    return match[0].lower() if match else "unknown"


def _size_in_name(id_: str) -> str:
    match = _SIZE.search(_basename(id_))
    return f"{match[1]}{match[2].upper()}" if match else ""


def _basename(id_: str) -> str:
    return id_.rpartition("/")[2] or id_


def human_number(number: int) -> str:
    """A count as Ollama writes it (format/format.go): `7.6B`, `334.09M`, `12K`."""
    if number >= 10**9:
        billions = number / 1e9
        return f"{billions:.0f}B" if billions == int(billions) else f"{billions:.1f}B"
    if number >= 10**6:
        millions = number / 1e6
        return f"{millions:.0f}M" if millions == int(millions) else f"{millions:.2f}M"
    return f"{number // 1000}K" if number >= 1000 else str(number)
