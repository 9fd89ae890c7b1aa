"""What the fake backend always answers, and what each answer must therefore say."""

import base64
import json
import math
import random
import struct
from functools import cache
from typing import Any

MODEL = "bench"
ANSWER = "The quick brown fox jumps over the lazy dog. " * 8
PROMPT_TOKENS = 25
ANSWER_TOKENS = 80
INPUTS = 16
DIMENSIONS = 1536
FIRST_TOKEN = b" tok0"  # no other token begins like this

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


def models() -> bytes:
    model = {"id": MODEL, "object": "model", "created": 1741569952, "owned_by": "bench"}
    return _encode({"object": "list", "data": [model]})


def completion() -> bytes:
    message = {"role": "assistant", "content": ANSWER, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return _encode(
        {
            **_IDENTITY,
            "object": "chat.completion",
            "choices": [choice],
            "usage": _usage(ANSWER_TOKENS),
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


@cache
def events(tokens: int) -> tuple[bytes, ...]:
    """Role, the tokens, finish, usage, [DONE]."""
    return (
        _event(_delta({"role": "assistant", "content": ""})),
        *(_event(_delta({"content": token(index)})) for index in range(tokens)),
        _event(_delta({}, "stop")),
        _event([], _usage(tokens)),
        b"data: [DONE]\n\n",
    )


def _unit_vector(source: random.Random) -> list[float]:
    vector = [source.gauss(0, 1) for _ in range(DIMENSIONS)]
    norm = math.hypot(*vector)
    return [value / norm for value in vector]


def embeddings(encoding: str) -> bytes:
    source = random.Random(0)
    data = []
    for index in range(INPUTS):
        vector: Any = _unit_vector(source)
        if encoding == "base64":
            vector = base64.b64encode(struct.pack(f"<{DIMENSIONS}f", *vector)).decode()
        data.append({"object": "embedding", "index": index, "embedding": vector})
    usage = {"prompt_tokens": PROMPT_TOKENS, "total_tokens": PROMPT_TOKENS}
    return _encode({"object": "list", "data": data, "model": MODEL, "usage": usage})
