"""Parsing of a request's `keep_alive`: a number of seconds or a Go duration."""

from ..durations import keep_alive_seconds
from ..errors import BadRequest


def parse_keep_alive(value: float | str | None) -> float | None:
    """Convert `keep_alive` to seconds; infinity for a negative value.

    None stands for the default and is returned unchanged. Raises BadRequest with the message of
    Go's time.ParseDuration.
    """
    if value is None:
        return None
    try:
        return keep_alive_seconds(value)
    except ValueError as error:
        raise BadRequest(str(error)) from None
