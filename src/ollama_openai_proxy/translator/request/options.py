"""Ollama's `options` → fields of an OpenAI request."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from ollama_openai_proxy_models import ollama

from ...profiles.dialects import Dialect
from ..integers import integer

Kind = Literal["standard", "extension", "dropped"]


_LEAST_TOP_P = 0.0001  # as good as the likeliest token alone


def _between(low: float, high: float) -> Callable[[float], float]:
    return lambda value: min(max(value, low), high)


def _penalty(value: float) -> float | None:
    return min(max(value, -2.0), 2.0) or None


def _positive_int(value: float) -> int | None:
    return integer(value) if integer(value) > 0 else None


def _not_negative(value: float) -> int | None:
    return integer(value) if integer(value) >= 0 else None


def _positive(value: float) -> float | None:
    return value if value > 0 else None


def _probability(value: float) -> float | None:
    return min(value, 1.0) if value > 0 else None


def _typical(value: float) -> float | None:
    return value if 0 < value < 1 else None


def _mirostat(value: float) -> int | None:
    return integer(value) if integer(value) in (1, 2) else None


def _not_one(value: float) -> float | None:
    return value if value > 0 and value != 1 else None


def _top_p(value: float) -> float | None:
    return max(value, _LEAST_TOP_P) if value < 1 else None


def _texts(value: list[str]) -> list[str] | None:
    return [text for text in value if text] or None


class Option(NamedTuple):
    """What becomes of one option: `field` carries it, unless `value` makes it None (its "off")."""

    name: str
    kind: Kind
    field: str | None
    value: Callable[[Any], Any]
    meaning: str


_DROPPED = "a matter of loading the model, which is the backend's"

_STOP = "empty texts are not sent; those beyond what a backend takes, often 4, are found here"

# A value that only switches a sampler off is not sent: strict backends refuse fields they do not
# know. Ollama's own defaults are not sent either: a backend has its own, and some refuse others.
OPTIONS = (
    Option("temperature", "standard", "temperature", _between(0, 2), "clamped to 0…2"),
    Option(
        "top_p", "standard", "top_p", _top_p,
        "1 (all) is not sent; 0, which some refuse, becomes 0.0001",
    ),
    Option("seed", "standard", "seed", _not_negative, "negative (random) is not sent"),
    Option("stop", "standard", "stop", _texts, _STOP),
    Option("num_predict", "standard", "max_tokens", _positive_int, "≤ 0 (no limit) is not sent"),
    Option("presence_penalty", "standard", "presence_penalty", _penalty, "clamped to -2…2"),
    Option("frequency_penalty", "standard", "frequency_penalty", _penalty, "clamped to -2…2"),
    Option("top_k", "extension", "top_k", _positive_int, "where the backend knows it"),
    Option("min_p", "extension", "min_p", _probability, "where the backend knows it"),
    Option("typical_p", "extension", "typical_p", _typical, "where the backend knows it"),
    Option(
        "repeat_penalty", "extension", "repeat_penalty", _not_one,
        "where the backend knows it, as `repetition_penalty` in some",
    ),
    Option("repeat_last_n", "extension", "repeat_last_n", _not_negative, "llama.cpp only"),
    Option("mirostat", "extension", "mirostat", _mirostat, "llama.cpp only"),
    Option("mirostat_tau", "extension", "mirostat_tau", _positive, "llama.cpp only"),
    Option("mirostat_eta", "extension", "mirostat_eta", _positive, "llama.cpp only"),
    Option("num_keep", "extension", "n_keep", _not_negative, "llama.cpp only"),
    Option("num_ctx", "dropped", None, int, _DROPPED),
    Option("num_batch", "dropped", None, int, _DROPPED),
    Option("num_gpu", "dropped", None, int, _DROPPED),
    Option("main_gpu", "dropped", None, int, _DROPPED),
    Option("use_mmap", "dropped", None, bool, _DROPPED),
    Option("num_thread", "dropped", None, int, _DROPPED),
    Option("draft_num_predict", "dropped", None, int, _DROPPED),
)  # fmt: skip


def openai_options(options: ollama.ModelOptions | None, dialect: Dialect) -> dict[str, Any]:
    """The fields of a chat or completion request that say what `options` say."""
    fields: dict[str, Any] = {}
    if options is None:
        return fields
    for option in OPTIONS:
        given = getattr(options, option.name)
        if given is None or option.kind == "dropped":
            continue
        field = _field(option, dialect)
        value = option.value(given) if field is not None and _fits(option, given) else None
        if value is not None and field is not None:
            fields[field] = value
    if "stop" in fields:
        fields["stop"] = fields["stop"][: dialect.most_stops]
    return fields


def own_stops(options: ollama.ModelOptions | None, dialect: Dialect) -> tuple[str, ...]:
    """The stops that are to be found here, since they are more than the backend takes."""
    stops = _texts((options.stop if options is not None else None) or []) or []
    return tuple(stops) if len(stops) > (dialect.most_stops or len(stops)) else ()


def _fits(option: Option, given: Any) -> bool:
    """Whether an option that Ollama ignores by now, and takes as anything, is a number."""
    return option.name == "stop" or (isinstance(given, int | float) and not isinstance(given, bool))


def _field(option: Option, dialect: Dialect) -> str | None:
    if option.name == "num_predict":
        return dialect.max_tokens
    if option.kind == "extension":
        return dialect.fields.get(option.name)
    return dialect.fields.get(option.name, option.field)
