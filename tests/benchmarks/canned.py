"""The responses of the fake backend, and the values that a correct response must contain."""

import base64
import json
import math
import random
import struct
from functools import cache
from typing import Any

MODEL = "bench"
UNSCALED_MODEL = "bench-unscaled"
"""Its embeddings do not have length 1. Ollama's /api/embed has to scale them."""
CHAT = "The quick brown fox jumps over the lazy dog. " * 8
PROMPT_TOKENS = 25
CHAT_TOKENS = 80
INPUTS = 16
DIMENSIONS = 1536
TOKEN_MARK = b" tok"
FIRST_TOKEN = b" tok0"  # no other token starts with it

_IDENTITY = {"id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT", "created": 1741569952, "model": MODEL}


def token(index: int) -> str:
    return f" tok{index}"


def _encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _usage(completion_tokens: int) -> dict[str, int]:
    return {
        "prompt_tokens": PROMPT_TOKENS,
        "completion_tokens": completion_tokens,
        "total_tokens": PROMPT_TOKENS + completion_tokens,
    }


def model_ids(number: int) -> list[str]:
    """Every model that the benchmark requests, then others up to `number`."""
    others = [f"bench-{index:04}" for index in range(number - 2)]
    return [MODEL, UNSCALED_MODEL, *others]


def models(number: int) -> bytes:
    data = [
        {"id": name, "object": "model", "created": 1741569952, "owned_by": "bench"}
        for name in model_ids(number)
    ]
    return _encode({"object": "list", "data": data})


def completion() -> bytes:
    message = {"role": "assistant", "content": CHAT, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return _encode(
        {
            **_IDENTITY,
            "object": "chat.completion",
            "choices": [choice],
            "usage": _usage(CHAT_TOKENS),
            "service_tier": "default",
        }
    )


def _event(choices: list[Any], usage: dict[str, int] | None = None) -> bytes:
    chunk = {
        **_IDENTITY,
        "object": "chat.completion.chunk",
        "service_tier": "default",
        "system_fingerprint": "fp_44709d6fcb",
        "choices": choices,
        "usage": usage,
    }
    return b"data: " + _encode(chunk) + b"\n\n"


def _delta(delta: dict[str, str], finish_reason: str | None = None) -> list[Any]:
    return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}]


ROLE = _event(_delta({"role": "assistant", "content": ""}))


@cache
def token_event(index: int) -> bytes:
    return _event(_delta({"content": token(index)}))


@cache
def end_events(tokens: int) -> tuple[bytes, ...]:
    """Finish reason, usage, [DONE]."""
    return (_event(_delta({}, "stop")), _event([], _usage(tokens)), b"data: [DONE]\n\n")


@cache
def vectors(model: str) -> list[list[float]]:
    source = random.Random(0)
    drawn = [[source.gauss(0, 1) for _ in range(DIMENSIONS)] for _ in range(INPUTS)]
    return drawn if model == UNSCALED_MODEL else [scaled(vector) for vector in drawn]


def scaled(vector: list[float]) -> list[float]:
    """The vector with length 1."""
    norm = math.hypot(*vector)
    return [value / norm for value in vector]


def embeddings(model: str, encoding: str) -> bytes:
    data = []
    for index, vector in enumerate(vectors(model)):
        value: Any = vector
        if encoding == "base64":
            value = base64.b64encode(struct.pack(f"<{DIMENSIONS}f", *vector)).decode()
        data.append({"object": "embedding", "index": index, "embedding": value})
    usage = {"prompt_tokens": PROMPT_TOKENS, "total_tokens": PROMPT_TOKENS}
    return _encode({"object": "list", "data": data, "model": model, "usage": usage})
