"""Conversion of log probabilities, from both of OpenAI's formats to Ollama's."""

from itertools import zip_longest
from typing import Any

import msgspec
from ollama_openai_proxy_models import ollama, openai

from ..integers import integer

_ARRAYS = ("tokens", "token_logprobs", "top_logprobs")


def ollama_logprobs(
    entries: list[openai.ChatCompletionTokenLogprob], top: int
) -> list[ollama.Logprob]:
    """Convert the entries of a chat completion.

    `top` is the number of alternatives that the client requested. With 0, `top_logprobs` is left
    out, as in Ollama.
    """
    return [_entry(entry, top) for entry in entries]


def _entry(entry: openai.ChatCompletionTokenLogprob, top: int) -> ollama.Logprob:
    logprob = ollama.Logprob(token=entry.token or "", logprob=entry.logprob or 0.0)
    if entry.bytes is not None:
        logprob.bytes = entry.bytes
    if top:
        logprob.top_logprobs = [
            ollama.TokenLogprob(
                token=alternative.token or "",
                logprob=alternative.logprob or 0.0,
                bytes=alternative.bytes if alternative.bytes is not None else msgspec.UNSET,
            )
            for alternative in (entry.top_logprobs or [])[:top]
        ]
    return logprob


def of_completion(value: Any) -> openai.ChatCompletionLogprobs | None:
    """Convert the log probabilities of a text completion to those of a chat completion.

    They are parallel arrays, except in llama.cpp's streams, which use the chat format. None if
    they are missing or invalid.
    """
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
    candidates = top.items() if isinstance(top, dict) else ()
    most_likely_first = sorted(candidates, key=lambda item: -_number(item[1]))
    alternatives = [
        openai.TopLogprob(token=name, logprob=_number(number), bytes=_bytes(name))
        for name, number in most_likely_first
    ]
    return openai.ChatCompletionTokenLogprob(
        token=str(token),
        logprob=_number(logprob),
        bytes=_bytes(str(token)),
        top_logprobs=alternatives,
    )


def _bytes(token: str) -> list[int]:
    return list(token.encode())


def _number(value: Any) -> float:
    """`value` as a float; 0.0 for null, which the first token of an echoed prompt has."""
    if isinstance(value, int):
        value = float(integer(value))
    return value if isinstance(value, float) else 0.0
