"""Log probabilities: two shapes of backends, and Ollama's."""

from itertools import zip_longest
from typing import Any

import msgspec
from ollama_openai_proxy_models import ollama, openai

from ..integers import integer

_ARRAYS = ("tokens", "token_logprobs", "top_logprobs")


def ollama_logprobs(
    entries: list[openai.ChatCompletionTokenLogprob], top: int
) -> list[ollama.Logprob]:
    """`top_logprobs` stands in an entry only where the client asked for some."""
    return [_entry(entry, top) for entry in entries]


def _entry(entry: openai.ChatCompletionTokenLogprob, top: int) -> ollama.Logprob:
    logprob = ollama.Logprob(token=entry.token or "", logprob=entry.logprob or 0.0)
    if entry.bytes is not None:
        logprob.bytes = entry.bytes
    if top:
        logprob.top_logprobs = [
            ollama.TokenLogprob(
                token=other.token or "",
                logprob=other.logprob or 0.0,
                bytes=other.bytes if other.bytes is not None else msgspec.UNSET,
            )
            for other in (entry.top_logprobs or [])[:top]
        ]
    return logprob


def of_completion(value: Any) -> openai.ChatCompletionLogprobs | None:
    """Those of a plain completion: parallel arrays, or in llama.cpp's streams as in chat."""
    if not isinstance(value, dict):
        return None
    if "content" in value:
        try:
            return msgspec.convert(value, openai.ChatCompletionLogprobs)
        except msgspec.ValidationError:
            return None
    tokens, numbers, tops = (_list(value.get(name)) for name in _ARRAYS)
    entries = [
        _token(token, number, top)
        for token, number, top in zip_longest(tokens, numbers[: len(tokens)], tops[: len(tokens)])
    ]
    return openai.ChatCompletionLogprobs(content=entries)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _token(token: Any, logprob: Any, top: Any) -> openai.ChatCompletionTokenLogprob:
    likeliest = top.items() if isinstance(top, dict) else ()
    best = sorted(likeliest, key=lambda item: -_number(item[1]))
    others = [
        openai.TopLogprob(token=name, logprob=_number(number), bytes=_bytes(name))
        for name, number in best
    ]
    return openai.ChatCompletionTokenLogprob(
        token=str(token),
        logprob=_number(logprob),
        bytes=_bytes(str(token)),
        top_logprobs=others,
    )


def _bytes(token: str) -> list[int]:
    return list(token.encode())


def _number(value: Any) -> float:
    """The first token of an echoed prompt has null."""
    if isinstance(value, int):
        value = float(integer(value))
    return value if isinstance(value, float) else 0.0
