"""JSON decoding of the backend's data, with a single exception for all failures."""

from typing import Any

import msgspec

_decode_any = msgspec.json.Decoder().decode
# msgspec raises UnicodeDecodeError for invalid UTF-8 inside strings, and RecursionError for
# documents nested deeper than the interpreter's recursion limit.
_FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class InvalidJSON(ValueError):
    """The bytes are not valid JSON, or the document does not have the expected type."""


def decode_json(data: bytes) -> Any:
    """Decode `data` to built-in types. Raises InvalidJSON."""
    try:
        return _decode_any(data)
    except _FAILURES as error:
        raise InvalidJSON(str(error)) from error


def decode_as[T](decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    """Decode `data` to the type of `decoder`. Raises InvalidJSON."""
    try:
        return decoder.decode(data)
    except _FAILURES as error:
        raise InvalidJSON(str(error)) from error
