"""Decoding JSON from the backend, with one exception for every way in which it can fail."""

from typing import Any

import msgspec

_decode_any = msgspec.json.Decoder().decode
# msgspec raises UnicodeDecodeError for invalid UTF-8 inside strings, and RecursionError for
# documents that are nested deeper than the interpreter's limit.
_FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class InvalidJSON(ValueError):
    """Bytes that are no JSON document, or not one of the expected type."""


def decode_json(data: bytes) -> Any:
    """The document in `data`. Raises InvalidJSON."""
    try:
        return _decode_any(data)
    except _FAILURES as error:
        raise InvalidJSON(str(error)) from error


def decode_as[T](decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    """The document in `data` as the type of `decoder`. Raises InvalidJSON."""
    try:
        return decoder.decode(data)
    except _FAILURES as error:
        raise InvalidJSON(str(error)) from error
