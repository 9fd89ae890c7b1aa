"""What each kind of backend understands beyond, or short of, the standard. Data only."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

ThinkStyle = Literal["effort", "template", "reasoning", "none"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Dialect(NamedTuple):
    """One kind of backend.

    `hosts` are ends of host names, `owners` values of `owned_by` in its model list: the two signs
    it is known by. `fields` maps an option of Ollama to the field that carries it, for options
    that have no standard field or another name here. `lists_all` says that a model which is not
    in the list does not exist.
    """

    name: str
    hosts: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    max_tokens: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    fields: Mapping[str, str] = _NOTHING
    think: ThinkStyle = "effort"
    lists_all: bool = True


_SAMPLERS = (
    "top_k", "min_p", "typical_p", "repeat_penalty", "repeat_last_n",
    "mirostat", "mirostat_tau", "mirostat_eta",
)  # fmt: skip
_LLAMACPP = {
    **{name: name for name in _SAMPLERS},
    "num_keep": "n_keep",
}
_REPETITION = {"top_k": "top_k", "min_p": "min_p", "repeat_penalty": "repetition_penalty"}

GENERIC = Dialect("generic")

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            GENERIC,
            Dialect("openai", ("api.openai.com",), max_tokens="max_completion_tokens"),
            # Azure lists base models, not deployments.
            Dialect(
                "azure", (".azure.com",), max_tokens="max_completion_tokens", lists_all=False
            ),
            # Variants such as `:online` are not in the list.
            Dialect(
                "openrouter", ("openrouter.ai",),
                fields=_REPETITION, think="reasoning", lists_all=False,
            ),
            Dialect("groq", ("api.groq.com",)),
            Dialect("mistral", ("api.mistral.ai",), fields={"seed": "random_seed"}, think="none"),
            Dialect("llamacpp", owners=("llamacpp",), fields=_LLAMACPP, think="template"),
            Dialect("vllm", owners=("vllm", "sglang"), fields=_REPETITION, think="template"),
        )
    }
)  # fmt: skip


def by_host(host: str) -> Dialect:
    """The dialect spoken at `host`, as far as its name tells."""
    for dialect in DIALECTS.values():
        if any(host == known or host.endswith("." + known.lstrip(".")) for known in dialect.hosts):
            return dialect
    return GENERIC


def by_owner(owner: str | None) -> Dialect:
    """The dialect of a server that lists its models as owned by `owner`."""
    for dialect in DIALECTS.values():
        if owner in dialect.owners:
            return dialect
    return GENERIC
