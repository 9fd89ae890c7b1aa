"""`keep_alive` of a request: a number of seconds or a Go duration."""

from ..durations import keep_alive_seconds
from ..errors import BadRequest


def parse_keep_alive(value: float | str | None) -> float | None:
    """Seconds; infinity for a negative value, which means forever; None for the default.

    Raises BadRequest with the text of Go's time.ParseDuration.
    """
    if value is None:
        return None
    try:
        return keep_alive_seconds(value)
    except ValueError as error:
        raise BadRequest(str(error)) from None
