"""The rows of the table, their goals, and their selection by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

_REQUEST = "CPU µs a request"
_CHUNK = "CPU µs a chunk"


class UnknownRows(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    label: str
    unit: str
    digits: int = 0
    goal: float | None = None
    goal_for: Literal["ratio", "value"] = "ratio"
    """The goal is an upper bound of the ratio to the relay, or of the proxy's own value."""
    added: bool = False
    """The value is the difference to the same request without a system in between."""


CHAT_1 = Row("chat-1", "whole chat, 1 connection", _REQUEST)
CHAT_32 = Row("chat-32", "whole chat, 32 connections", _REQUEST, goal=1.8)
HTTPS = Row("https-32", "whole chat, 32 connections, HTTPS backend", _REQUEST)
PASSTHROUGH = Row("passthrough-32", "/v1/chat/completions, 32 connections", _REQUEST)
BURST = Row("burst-32", "burst of 200 chunks, 32 connections", _CHUNK, 1, goal=1.3)
PACED_1 = Row("paced-1", "1 stream of 100 chunks/s", _CHUNK, 0, goal=1.2)
PACED_32 = Row("paced-32", "32 streams of 20 chunks/s", _CHUNK, 0)
PACED_200 = Row("paced-200", "200 streams of 20 chunks/s", _CHUNK, 0, goal=1.2)
EMBED_UNIT = Row("embed-unit", "16 × 1,536 embeddings of length 1", _REQUEST, goal=1.5)
EMBED_SCALED = Row("embed-scaled", "16 × 1,536 embeddings to be scaled", _REQUEST, goal=1.5)
PROMPT = Row("prompt-100k", "whole chat, prompt of 100,000 tokens", _REQUEST, goal=1.5)
MODELS = Row("models-1000", "list of 1,000 models", _REQUEST)
FIRST_TOKEN = Row(
    "first-token", "time to first token, added", "ms", 2, goal=1.0, goal_for="value", added=True
)
START = Row(
    "start", "start until the first response, compiled", "CPU s", 2, goal=0.6, goal_for="value"
)
RSS_START = Row("rss-start", "memory after start", "MB RSS")
RSS_200 = Row("rss-200", "memory, 200 open streams", "MB RSS", goal=60, goal_for="value")
RSS_2000 = Row("rss-2000", "memory, 2,000 open streams", "MB RSS")

ROWS = (
    *(CHAT_1, CHAT_32, HTTPS, PASSTHROUGH, PROMPT, BURST, PACED_1, PACED_32, PACED_200),
    *(EMBED_UNIT, EMBED_SCALED, MODELS, FIRST_TOKEN, START, RSS_START, RSS_200, RSS_2000),
)


def select(patterns: Sequence[str]) -> list[Row]:
    """Rows whose name matches one of the shell patterns; all without a pattern."""
    if not patterns:
        return list(ROWS)
    for pattern in patterns:
        if not any(fnmatchcase(row.name, pattern) for row in ROWS):
            names = ", ".join(row.name for row in ROWS)
            raise UnknownRows(f"no row matches {pattern!r}; rows are {names}")
    return [row for row in ROWS if any(fnmatchcase(row.name, each) for each in patterns)]
