"""NDJSON encoding: one compact JSON object per line."""

from collections.abc import Iterable

import msgspec

_encode = msgspec.json.Encoder().encode


def encode_lines(messages: Iterable[msgspec.Struct]) -> bytes:
    """Encode each message as one line, including the final newline.

    Clients drop a last line without a newline and fail on blank lines.
    """
    return b"".join([_encode(message) + b"\n" for message in messages])
