"""Translation of Ollama's `options` to fields of an OpenAI request."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from ollama_openai_proxy_models import ollama

from ...profiles.dialects import Dialect
from ..integers import integer

Kind = Literal["standard", "extension", "dropped"]

_LEAST_TOP_P = 0.0001  # selects only the most likely token, as 0 does in Ollama


def _between(low: float, high: float) -> Callable[[float], float]:
    return lambda value: min(max(value, low), high)


def _penalty(value: float) -> float | None:
    return min(max(value, -2.0), 2.0) or None


def _positive_int(value: float) -> int | None:
    return integer(value) if integer(value) > 0 else None


def _non_negative(value: float) -> int | None:
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


def _non_empty(value: list[str]) -> list[str] | None:
    return [text for text in value if text] or None


class Option(NamedTuple):
    """The translation of one option.

    `field` is the request field of the generic dialect; None if the option is dropped. `value`
    converts the value, or returns None if the option is not sent. `meaning` is the note in the
    table in docs/reference/options.md.
    """

    name: str
    kind: Kind
    field: str | None
    value: Callable[[Any], Any]
    meaning: str


_DROPPED = "configures how a model is loaded, which the backend decides"

_STOP = (
    "empty strings are not sent; if there are more than the backend accepts (often 4), "
    "the service checks them itself"
)

_IF_SUPPORTED = "if the backend supports it"

# A value that disables a sampler is not sent, because strict backends reject unknown fields.
# Ollama's defaults are not sent either, because backends have their own and some reject others.
OPTIONS = (
    Option("temperature", "standard", "temperature", _between(0, 2), "clamped to 0…2"),
    Option(
        "top_p", "standard", "top_p", _top_p,
        "1 (disabled) is not sent; 0 becomes 0.0001, because some backends reject 0",
    ),
    Option("seed", "standard", "seed", _non_negative, "negative (random) is not sent"),
    Option("stop", "standard", "stop", _non_empty, _STOP),
    Option("num_predict", "standard", "max_tokens", _positive_int, "≤ 0 (no limit) is not sent"),
    Option("presence_penalty", "standard", "presence_penalty", _penalty, "clamped to -2…2"),
    Option("frequency_penalty", "standard", "frequency_penalty", _penalty, "clamped to -2…2"),
    Option("top_k", "extension", "top_k", _positive_int, _IF_SUPPORTED),
    Option("min_p", "extension", "min_p", _probability, _IF_SUPPORTED),
    Option("typical_p", "extension", "typical_p", _typical, _IF_SUPPORTED),
    Option(
        "repeat_penalty", "extension", "repeat_penalty", _not_one,
        f"{_IF_SUPPORTED}; some backends call it `repetition_penalty`",
    ),
    Option("repeat_last_n", "extension", "repeat_last_n", _non_negative, "llama.cpp only"),
    Option("mirostat", "extension", "mirostat", _mirostat, "llama.cpp only"),
    Option("mirostat_tau", "extension", "mirostat_tau", _positive, "llama.cpp only"),
    Option("mirostat_eta", "extension", "mirostat_eta", _positive, "llama.cpp only"),
    Option("num_keep", "extension", "n_keep", _non_negative, "llama.cpp only"),
    Option("num_ctx", "dropped", None, int, _DROPPED),
    Option("num_batch", "dropped", None, int, _DROPPED),
    Option("num_gpu", "dropped", None, int, _DROPPED),
    Option("main_gpu", "dropped", None, int, _DROPPED),
    Option("use_mmap", "dropped", None, bool, _DROPPED),
    Option("num_thread", "dropped", None, int, _DROPPED),
    Option("draft_num_predict", "dropped", None, int, _DROPPED),
)  # fmt: skip


def openai_options(options: ollama.ModelOptions | None, dialect: Dialect) -> dict[str, Any]:
    """The fields of a chat or completion request for `options`.

    Dropped and unsupported options, and values that Ollama treats as disabled, are left out.
    """
    fields: dict[str, Any] = {}
    if options is None:
        return fields
    for option in OPTIONS:
        raw = getattr(options, option.name)
        if raw is None or option.kind == "dropped":
            continue
        field = _field(option, dialect)
        value = option.value(raw) if field is not None and _has_valid_type(option, raw) else None
        if value is not None and field is not None:
            fields[field] = value
    if "stop" in fields:
        fields["stop"] = fields["stop"][: dialect.most_stops]
    return fields


def own_stops(options: ollama.ModelOptions | None, dialect: Dialect) -> tuple[str, ...]:
    """All stop sequences if there are more than the backend accepts, otherwise none.

    These are checked by StopScanner, since the backend only receives some of them.
    """
    stops = _non_empty((options.stop if options is not None else None) or []) or []
    return tuple(stops) if len(stops) > (dialect.most_stops or len(stops)) else ()


def _has_valid_type(option: Option, raw: Any) -> bool:
    """Whether the value of an option is a number, or the option is `stop`.

    Options that Ollama no longer uses are not validated: their values can have any type.
    """
    return option.name == "stop" or (isinstance(raw, int | float) and not isinstance(raw, bool))


def _field(option: Option, dialect: Dialect) -> str | None:
    if option.name == "num_predict":
        return dialect.max_tokens
    if option.kind == "extension":
        return dialect.fields.get(option.name)
    return dialect.fields.get(option.name, option.field)
