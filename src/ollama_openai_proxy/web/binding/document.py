"""Bytes → the first JSON value in them, with the error messages of Go's decoder."""

import json
import math
import re
from typing import Any

import msgspec

from ...errors import BadRequest

_decode = msgspec.json.decode
_CUT_SHORT = "unexpected EOF"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

# json.JSONDecodeError.msg → the context in the message of encoding/json (scanner.go).
_CONTEXTS = {
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
    """Decode the first JSON value of `body`; like Ollama, ignore what follows it.

    Raises BadRequest with Ollama's message if the body is missing or malformed.
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
    """Like `read_document`, but with a slower decoder that stops after the first value.

    A lone surrogate, which JSON can escape, becomes U+FFFD, as in Go. Invalid UTF-8 is rejected,
    whereas Go would silently replace it.
    """
    text, invalid_at = _valid_text(body)
    try:
        value = _STRICT.raw_decode(text)[0]
        return json.loads(_LONE_SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False)))
    except RecursionError:
        raise BadRequest("exceeded max depth") from None
    except json.JSONDecodeError as error:
        reason = _go_message(error)
        if invalid_at is not None and reason == _CUT_SHORT:
            reason = f"the request body has invalid UTF-8 at byte {invalid_at}"
        raise BadRequest(reason) from None


def _valid_text(body: bytes) -> tuple[str, int | None]:
    """The valid UTF-8 at the start of `body`, and the position of the first invalid byte."""
    try:
        return body.decode().lstrip(" \t\r\n"), None
    except UnicodeDecodeError as error:
        return body[: error.start].decode().lstrip(" \t\r\n"), error.start


def _go_message(error: json.JSONDecodeError) -> str:
    """The message of Go's decoder for the same error."""
    text, at = error.doc, error.pos
    if error.msg.startswith("Illegal trailing comma"):
        at = text.index(",", at) + 1
    while at < len(text) and text[at] in " \t\r\n" and not error.msg.startswith("Invalid"):
        at += 1
    if error.msg.startswith("Invalid \\"):
        at += 1
    if at >= len(text) or error.msg.startswith("Unterminated"):
        return _CUT_SHORT
    context = next((go for msg, go in _CONTEXTS.items() if error.msg.startswith(msg)), error.msg)
    return f"invalid character {_quoted(text[at])} {context}"


def _quoted(character: str) -> str:
    """Quote a character as Go's scanner does (quoteChar)."""
    if character == "'":
        return r"'\''"
    if character == '"':
        return "'\"'"
    if character < " ":
        return "'" + repr(character)[1:-1] + "'"
    return "'" + json.dumps(character, ensure_ascii=False)[1:-1] + "'"


def _reject_constant(name: str) -> Any:
    """Reject NaN and Infinity, which Python accepts and JSON does not have."""
    raise json.JSONDecodeError("Expecting value", name, 0)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise BadRequest(f"json: cannot unmarshal number {text} into Go value of type float64")
    return value


def _integer(text: str) -> int:
    _float(text)
    return int(text)


_STRICT = json.JSONDecoder(parse_constant=_reject_constant, parse_float=_float, parse_int=_integer)
