"""What each kind of backend understands beyond, or short of, the standard. Data only."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

ThinkStyle = Literal["effort", "template", "reasoning", "switch", "none"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Dialect(NamedTuple):
    """One kind of backend.

    `hosts` are ends of host names, `owners` values of `owned_by` in its model list: the two signs
    it is known by. `fields` maps an option of Ollama to the field that carries it, for options
    that have no standard field or another name here. `lists_all` says that a model which is not
    in the list does not exist.

    `most_stops`: how many stops a request may have; None for any number.
    `completions`: whether it continues plain text, and `suffix` at the start of which models' ids
    it fills a gap in one; None for any.
    `plain_names`: names of functions are letters, digits, `_` and `-`, 64 at most.
    `json_object`, `json_schema`: which forms of an answer it can be asked for.
    `most_inputs`: how many texts it embeds at once.
    """

    name: str
    hosts: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    max_tokens: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    fields: Mapping[str, str] = _NOTHING
    think: ThinkStyle = "effort"
    lists_all: bool = True
    most_stops: int | None = 4
    completions: bool = True
    suffix: tuple[str, ...] | None = None
    plain_names: bool = True
    json_object: bool = True
    json_schema: bool = True
    most_inputs: int = 2048


_SAMPLERS = (
    "top_k", "min_p", "typical_p", "repeat_penalty", "repeat_last_n",
    "mirostat", "mirostat_tau", "mirostat_eta",
)  # fmt: skip
_LLAMACPP = {
    **{name: name for name in _SAMPLERS},
    "num_keep": "n_keep",
}
_REPETITION = {"top_k": "top_k", "min_p": "min_p", "repeat_penalty": "repetition_penalty"}

INSTRUCT = ("gpt-3.5-turbo-instruct",)
"""Beginnings of the ids of models that fill gaps wherever they are."""

GENERIC = Dialect("generic")

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            GENERIC,
            Dialect(
                "openai", ("api.openai.com",),
                max_tokens="max_completion_tokens", suffix=INSTRUCT,
            ),
            # Azure lists base models, not deployments.
            Dialect(
                "azure", (".azure.com",),
                max_tokens="max_completion_tokens", suffix=INSTRUCT, lists_all=False,
            ),
            # Variants such as `:online` are not in the list.
            Dialect(
                "openrouter", ("openrouter.ai",),
                fields=_REPETITION, think="reasoning", suffix=(), lists_all=False,
            ),
            Dialect("groq", ("api.groq.com",), completions=False, suffix=()),
            Dialect(
                "mistral", ("api.mistral.ai",), fields={"seed": "random_seed"}, think="none",
                most_stops=None, completions=False, suffix=(),
            ),
            # Plain completions only under another path, /beta.
            Dialect(
                "deepseek", ("api.deepseek.com",), think="switch",
                most_stops=16, completions=False, suffix=(), json_schema=False,
            ),
            Dialect(
                "together", ("api.together.xyz", "api.together.ai"),
                fields=_REPETITION, most_stops=None, suffix=(),
            ),
            # Refuses json_object: its type "must be 'json_schema' or 'text'".
            Dialect(
                "lmstudio", owners=("organization_owner",),
                fields={"top_k": "top_k", "repeat_penalty": "repeat_penalty"},
                most_stops=None, suffix=(), plain_names=False, json_object=False,
            ),
            # Refuses the key `suffix` in whatever way; fills gaps by a route of its own, /infill.
            Dialect(
                "llamacpp", owners=("llamacpp",), fields=_LLAMACPP, think="template",
                most_stops=None, suffix=(), plain_names=False,
            ),
            Dialect(
                "vllm", owners=("vllm", "sglang"), fields=_REPETITION, think="template",
                most_stops=None, suffix=(), plain_names=False,
            ),
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
