"""Bytes → the first JSON value in them, with the texts of Go's decoder when there is none."""

import json
import math
import re
from typing import Any

import msgspec

from ...errors import BadRequest

_decode = msgspec.json.decode
_CUT_SHORT = "unexpected EOF"
_HALF_PAIR = re.compile("[\ud800-\udfff]")

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
    """As `read_document`, by a slower reader that stops behind the first value.

    Half a surrogate pair, which JSON can spell, becomes U+FFFD, as in Go. Bytes that are no UTF-8
    are refused, where Go would replace them in silence.
    """
    text, wrong = _text(body)
    try:
        value = _STRICT.raw_decode(text)[0]
        return json.loads(_HALF_PAIR.sub("\ufffd", json.dumps(value, ensure_ascii=False)))
    except RecursionError:
        raise BadRequest("exceeded max depth") from None
    except json.JSONDecodeError as error:
        reason = _go_text(error)
        if wrong is not None and reason == _CUT_SHORT:
            reason = f"the request body is not UTF-8 at byte {wrong}"
        raise BadRequest(reason) from None


def _text(body: bytes) -> tuple[str, int | None]:
    """`body` as text, as far as it is UTF-8, and where it ceases to be, if it does."""
    try:
        return body.decode().lstrip(" \t\r\n"), None
    except UnicodeDecodeError as error:
        return body[: error.start].decode().lstrip(" \t\r\n"), error.start


def _go_text(error: json.JSONDecodeError) -> str:
    text, at = error.doc, error.pos
    if error.msg.startswith("Illegal trailing comma"):
        at = text.index(",", at) + 1
    while at < len(text) and text[at] in " \t\r\n" and not error.msg.startswith("Invalid"):
        at += 1
    if error.msg.startswith("Invalid \\"):
        at += 1
    if at >= len(text) or error.msg.startswith("Unterminated"):
        return _CUT_SHORT
    place = next((p for known, p in _PLACES.items() if error.msg.startswith(known)), error.msg)
    return f"invalid character {_quoted(text[at])} {place}"


def _quoted(character: str) -> str:
    """A character as Go's scanner quotes it."""
    if character == "'":
        return r"'\''"
    if character == '"':
        return "'\"'"
    if character < " ":
        return "'" + repr(character)[1:-1] + "'"
    return "'" + json.dumps(character, ensure_ascii=False)[1:-1] + "'"


def _no_constant(name: str) -> Any:
    """NaN and Infinity are Python's, not JSON's."""
    raise json.JSONDecodeError("Expecting value", name, 0)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise BadRequest(f"json: cannot unmarshal number {text} into Go value of type float64")
    return value


def _integer(text: str) -> int:
    _float(text)
    return int(text)


_STRICT = json.JSONDecoder(parse_constant=_no_constant, parse_float=_float, parse_int=_integer)
