"""Conversion of JSON numbers to 64-bit integers."""

LARGEST = 2**63 - 1
"""Ollama's clients decode numbers as int64, and backends accept no larger ones."""


def integer(value: float) -> int:
    """`value` truncated toward zero and clamped to ±LARGEST."""
    return int(min(max(value, -LARGEST), LARGEST))
