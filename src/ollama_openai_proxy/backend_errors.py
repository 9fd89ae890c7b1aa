"""Conversion of the backend's error responses and error objects to our exceptions."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .errors import BackendRefused, BackendViolation, ProxyError
from .json_decoding import InvalidJSON, decode_json

# Prefixes of the API keys of OpenAI and others, Groq, xAI and Google; then any bearer token.
_MASKS = (
    (re.compile(r"\b(sk|gsk|xai|pk|rk|key|AIza)[-_][A-Za-z0-9_\-*]{6,}"), r"\1-***"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "Bearer ***"),
)
# Backend statuses that our specification does not describe → the closest one that it does. For
# example, 409 means "retry". All others become 400 (such as FastAPI's 422) or 502 (such as
# Cloudflare's 520 and above).
_STATUSES = {
    402: 403, 405: 501, 408: 504, 409: 503, 425: 429, 424: 502, 498: 503, 499: 502, 529: 503,
}  # fmt: skip
_DESCRIBED = frozenset([400, 401, 403, 404, 413, 429, 500, 501, 502, 503, 504])
"""Error statuses that specs/ollama.yaml describes for forwarded operations."""
_MAX_MESSAGE_LENGTH = 2000
_BAD_GATEWAY = 502
_VAGUE = "Provider returned error"  # OpenRouter's; the actual cause is in metadata.raw
# Headers of an error response that our client receives, as (backend's name, our name): when to
# retry, and the provider's request ID (Azure, Mistral, OpenRouter, all others). Later rows win.
_FORWARDED_HEADERS = (
    ("retry-after", "retry-after"),
    ("apim-request-id", "x-request-id"),
    ("mistral-correlation-id", "x-request-id"),
    ("x-generation-id", "x-request-id"),
    ("x-request-id", "x-request-id"),
)


def refusal(
    status: int, body: bytes, reason: str, headers: Mapping[str, str] = MappingProxyType({})
) -> BackendRefused:
    """The exception for a response with an error status.

    `reason` is the reason phrase of the status line. `headers` has lower-case names.
    """
    message = _message(body) or f"the backend returned {status} {reason}".rstrip()
    forwarded = {
        ours: headers[theirs] for theirs, ours in _FORWARDED_HEADERS if headers.get(theirs)
    }
    return BackendRefused(message, client_status(status), forwarded)


def error_in_200(body: bytes) -> BackendRefused | None:
    """The error in a response body with status 200, or None. OpenRouter sends such errors."""
    try:
        document = decode_json(body)
    except InvalidJSON:
        return None
    error = document.get("error") if isinstance(document, dict) else None
    return reported_error({"error": error}) if error else None


def _message(body: bytes) -> str | None:
    try:
        return error_message(decode_json(body))
    except InvalidJSON:
        return title_of(body)


def title_of(body: bytes) -> str | None:
    """The title of an HTML page, or the beginning of plain text, with API keys masked.

    None if the body is empty or is HTML without a title.
    """
    text = body[:4096].decode(errors="replace").strip()
    lower = text.lower()
    start = lower.find("<title>")
    if start >= 0:
        end = lower.find("</title>", start)
        return masked(" ".join(text[start + 7 : end if end > 0 else None].split()))[:200] or None
    if not text or text.startswith("<"):
        return None
    return masked(" ".join(text.split()))[:300]


def refusal_in(document: Any) -> ProxyError:
    """The exception for decoded JSON or plain text that is not a completion.

    A BackendRefused with the reported error, or a BackendViolation if no error is reported.
    """
    return reported_error(document) or BackendViolation(
        "the backend returned neither a completion nor an error message"
    )


def error_message(body: Any) -> str | None:
    """The message in a decoded error body, with API keys masked, or None if there is no message.

    OpenAI's format is `{"error": {"message": …}}`. Other backends send a string as `error`, put
    `message`, `detail` (FastAPI) or `error_message` at the top level, or wrap the object in an
    array (Gemini).
    """
    try:
        text = _text(body)
    except RecursionError:
        return None
    return masked(text)[:_MAX_MESSAGE_LENGTH] if text else None


def masked(text: str) -> str:
    """`text` with everything that looks like an API key masked.

    Some servers repeat the key in the message of their 401 response.
    """
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def reported_error(document: Any) -> BackendRefused | None:
    """The error in a decoded response body or event, or None if it does not report an error.

    The error object is either the document itself or its field `error`.
    """
    message = error_message(document)
    if message is None:
        return None
    inner = document.get("error", document) if isinstance(document, dict) else document
    return BackendRefused(message, error_status(inner) or _BAD_GATEWAY)


def client_status(status: int) -> int:
    """The status that our client receives for a backend response with `status`."""
    closest = _STATUSES.get(status, status)
    if closest in _DESCRIBED:
        return closest
    return 400 if 400 <= status < 500 else 502


def error_status(error: Any) -> int | None:
    """The status that our client receives for an error object, or None if it contains no status.

    Backends put the status in one of several fields, as a number or a string.
    """
    if not isinstance(error, dict):
        return None
    for key in ("code", "http_status_code", "status", "status_code"):
        value = error.get(key)
        if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdigit():
            value = int(value)
        if isinstance(value, int) and 400 <= value <= 599:
            return client_status(value)
    return None


def _text(body: Any) -> str | None:
    if isinstance(body, str):
        return body.strip() or None
    if isinstance(body, list):
        return next((text for text in map(_text, body) if text), None)
    if not isinstance(body, dict):
        return None
    for key in ("error", "message", "detail", "error_message", "msg", "errors"):
        text = _detail(body[key]) if key == "detail" and body.get(key) else _text(body.get(key))
        if text:
            return _with_cause(text, body)
    message = body.get("message")
    return json.dumps(message) if message else None


def _with_cause(text: str, body: dict[str, Any]) -> str:
    metadata = body.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    return f"{text}: {raw}" if text == _VAGUE and raw else text


def _detail(detail: Any) -> str | None:
    """The text of FastAPI's `detail`: a string, or a list of validation errors with locations."""
    if not isinstance(detail, list):
        return _text(detail)
    lines = []
    for item in detail:
        if isinstance(item, dict) and "msg" in item:
            loc = item.get("loc")
            steps = loc if isinstance(loc, list) else [loc]
            place = ".".join(str(step) for step in steps if isinstance(step, str | int))
            lines.append(f"{place}: {item['msg']}" if place else str(item["msg"]))
    return "; ".join(lines) or None
