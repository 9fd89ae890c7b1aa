"""Bytes → the first JSON value in them, with the texts of Go's decoder when there is none."""

import json
from typing import Any

import msgspec

from ..errors import BadRequest

_decode = msgspec.json.decode

# json.JSONDecodeError.msg → what encoding/json calls the place (scanner.go)
_PLACES = {
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting ':' delimiter": "after object key",
    "Expecting ',' delimiter": "after object key:value pair",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
    "Invalid \\uXXXX escape": "in \\u hexadecimal character escape",
}


def read_document(body: bytes) -> Any:
    """The first JSON value of `body`; what follows it is ignored, as by Ollama.

    Raises BadRequest with Ollama's text for a missing or malformed body.
    """
    if not body or body.isspace():
        raise BadRequest("missing request body")
    try:
        return _decode(body)
    except RecursionError:
        raise BadRequest("exceeded max depth") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _first_value(body)


def _first_value(body: bytes) -> Any:
    """As `read_document`, by a slower reader that stops behind the first value."""
    try:
        text = body.decode().lstrip(" \t\r\n")
    except UnicodeDecodeError as error:
        raise BadRequest(f"the request body is not UTF-8 at byte {error.start}") from None
    try:
        return _STRICT.raw_decode(text)[0]
    except RecursionError:
        raise BadRequest("exceeded max depth") from None
    except json.JSONDecodeError as error:
        raise BadRequest(_go_text(text, error)) from None


def _go_text(text: str, error: json.JSONDecodeError) -> str:
    at = error.pos
    if error.msg.startswith("Illegal trailing comma"):
        at = text.index(",", at) + 1
    while at < len(text) and text[at] in " \t\r\n" and not error.msg.startswith("Invalid"):
        at += 1
    if error.msg.startswith("Invalid \\"):
        at += 1
    if at >= len(text) or error.msg.startswith("Unterminated"):
        return "unexpected EOF"
    place = next((p for known, p in _PLACES.items() if error.msg.startswith(known)), error.msg)
    return f"invalid character {_quoted(text[at])} {place}"


def _quoted(character: str) -> str:
    """A character as Go's scanner quotes it."""
    if character == "'":
        return r"'\''"
    if character == '"':
        return "'\"'"
    return "'" + json.dumps(character, ensure_ascii=False)[1:-1] + "'"


def _no_constant(name: str) -> Any:
    """NaN and Infinity are Python's, not JSON's."""
    raise json.JSONDecodeError("Expecting value", name, 0)


_STRICT = json.JSONDecoder(parse_constant=_no_constant)
