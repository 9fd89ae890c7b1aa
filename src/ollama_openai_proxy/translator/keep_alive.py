"""keep_alive: a number of seconds or a Go duration."""

import math
import re

from ..errors import BadRequest

# Go's time.ParseDuration, in seconds
_UNITS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0,
}  # fmt: skip
_TERM = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)", re.ASCII)


def parse_keep_alive(value: float | str | None) -> float | None:
    """Seconds; infinity for a negative value (for ever); None where the default applies.

    Raises BadRequest with the text of Go's time.ParseDuration (api/types.go, Duration).
    """
    if value is None:
        return None
    seconds = parse_duration(value) if isinstance(value, str) else float(value)
    return math.inf if seconds < 0 else seconds


def parse_duration(text: str) -> float:
    """Seconds of a Go duration such as `5m`, `1h30m`, `-1m`, `300ms` or `0`."""
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
            raise BadRequest(f'time: missing unit in duration "{text}"')
        if unit not in _UNITS:
            raise BadRequest(f'time: unknown unit "{unit}" in duration "{text}"')
        seconds += float(number) * _UNITS[unit]
        at = match.end()
    if at == 0 or at < len(rest):
        raise BadRequest(f'time: invalid duration "{text}"')
    return sign * seconds
