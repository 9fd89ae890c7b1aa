"""Numbers of either side → integers that fit the wire."""

LARGEST = 2**63 - 1
"""int64 is what Ollama's clients decode, and what backends take."""


def integer(value: float) -> int:
    """`value` truncated toward zero, and held within 64 bits."""
    return int(min(max(value, -LARGEST), LARGEST))
