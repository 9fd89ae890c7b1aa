"""Parsing of durations as Ollama does, for a request's `keep_alive` and OLLAMA_KEEP_ALIVE."""

import math
import re

# The units of Go's time.ParseDuration, in seconds. It accepts both code points of "µ".
_UNITS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0,
}  # fmt: skip
_TERM = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)


def parse_duration(text: str) -> float:
    """Convert a Go duration such as `5m`, `1h30m`, `-1m`, `300ms` or `0` to seconds.

    Raises ValueError with the message of Go's time.ParseDuration.
    """
    sign = -1.0 if text.startswith("-") else 1.0
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0.0
    seconds, at = 0.0, 0
    while at < len(rest):
        match = _TERM.match(rest, at)
        if match is None:
            break
        number, unit = match.groups()
        if not unit:
            raise ValueError(f'time: missing unit in duration "{text}"')
        if unit not in _UNITS:
            raise ValueError(f'time: unknown unit "{unit}" in duration "{text}"')
        seconds += float(number) * _UNITS[unit]
        at = match.end()
    if at == 0 or at < len(rest):
        raise ValueError(f'time: invalid duration "{text}"')
    return sign * seconds


def keep_alive_seconds(value: float | str) -> float:
    """Seconds for which a model stays loaded; infinity for a negative value.

    `value` is a number of seconds or a Go duration (api/types.go, Duration). Raises ValueError for
    an invalid duration.
    """
    seconds = parse_duration(value) if isinstance(value, str) else float(value)
    return math.inf if seconds < 0 else seconds


def default_keep_alive_seconds(text: str) -> float:
    """Convert the value of OLLAMA_KEEP_ALIVE to seconds; infinity for a negative value.

    Besides Go durations, an integer without a unit is accepted as a number of seconds
    (envconfig/config.go). Raises ValueError for an invalid duration.
    """
    return keep_alive_seconds(float(text) if _INTEGER.fullmatch(text) else text)
