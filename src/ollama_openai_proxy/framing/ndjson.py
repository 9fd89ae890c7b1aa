"""Messages → NDJSON: one compact JSON object a line."""

from collections.abc import Iterable

import msgspec

_encode = msgspec.json.Encoder().encode


def encode_lines(messages: Iterable[msgspec.Struct]) -> bytes:
    """Each message on a line of its own, the last one ended by a newline too.

    Clients drop a last line without its newline, and fail on blank ones.
    """
    return b"".join([_encode(message) + b"\n" for message in messages])
