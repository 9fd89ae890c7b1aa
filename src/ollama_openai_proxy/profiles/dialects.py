"""Extensions and restrictions of each kind of backend, compared with OpenAI's API. Data only."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

ThinkStyle = Literal["effort", "template", "reasoning", "switch", "none"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Dialect(NamedTuple):
    """One kind of backend.

    A dialect is recognised by `hosts` (suffixes of the host name) or `owners` (values of
    `owned_by` in the model list).

    `fields`: Ollama option → request field, for options without a standard field or with a
    different name here.
    `think`: how reasoning is turned on or off.
    `lists_all`: whether the model list is complete, so that an unlisted model does not exist.
    `most_stops`: maximum number of stop sequences in a request; None for no limit.
    `completions`: whether the backend has `/completions`.
    `suffix`: prefixes of the IDs of models that support `suffix`; None for all models.
    `plain_names`: whether function names are restricted to 64 letters, digits, `_` and `-`.
    `json_object`, `json_schema`: which types of `response_format` the backend accepts.
    `most_inputs`: maximum number of inputs in an embeddings request.
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
"""Prefixes of the IDs of models that support `suffix`, whichever backend serves them."""

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
            # Text completions are only available under a different path, /beta.
            Dialect(
                "deepseek", ("api.deepseek.com",), think="switch",
                most_stops=16, completions=False, suffix=(), json_schema=False,
            ),
            Dialect(
                "together", ("api.together.xyz", "api.together.ai"),
                fields=_REPETITION, most_stops=None, suffix=(),
            ),
            # Rejects json_object: the type "must be 'json_schema' or 'text'".
            Dialect(
                "lmstudio", owners=("organization_owner",),
                fields={"top_k": "top_k", "repeat_penalty": "repeat_penalty"},
                most_stops=None, suffix=(), plain_names=False, json_object=False,
            ),
            # Rejects every request with `suffix`; infilling has its own route, /infill.
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
    """The dialect of the backend at `host`; GENERIC if the host name is not a known one."""
    for dialect in DIALECTS.values():
        if any(host == known or host.endswith("." + known.lstrip(".")) for known in dialect.hosts):
            return dialect
    return GENERIC


def by_owner(owner: str | None) -> Dialect:
    """The dialect of a backend whose model list has `owned_by: owner`; GENERIC if unknown."""
    for dialect in DIALECTS.values():
        if owner in dialect.owners:
            return dialect
    return GENERIC
