"""Error responses and error objects of any backend → errors of ours, with their status."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .errors import BackendRefused, BackendViolation, ProxyError
from .json_decoding import InvalidJSON, decode_json

_MASKS = (
    (re.compile(r"\b(sk|gsk|xai|pk|rk|key|AIza)[-_][A-Za-z0-9_\-*]{6,}"), r"\1-***"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "Bearer ***"),
)
# Status of a backend → status for our client, where a like one says it: 409 asks to try again.
# Any other that is not described is a 400 (422 is FastAPI's) or a 502 (from 520 on Cloudflare's).
_STATUSES = {
    402: 403, 405: 501, 408: 504, 409: 503, 425: 429, 424: 502, 498: 503, 499: 502, 529: 503,
}  # fmt: skip
_DESCRIBED = frozenset([400, 401, 403, 404, 413, 429, 500, 501, 502, 503, 504])
"""The statuses that specs/ollama.yaml has for what a backend is asked for."""
_LONGEST = 2000
_BAD_GATEWAY = 502
_VAGUE = "Provider returned error"  # OpenRouter; the cause stands in metadata.raw
# A refusal's headers that are of use to our client, and what they are called there: when to try
# again, and by which name the provider finds the request (Azure, Mistral, OpenRouter; the rest).
_PASSED_ON = (
    ("retry-after", "retry-after"),
    ("apim-request-id", "x-request-id"),
    ("mistral-correlation-id", "x-request-id"),
    ("x-generation-id", "x-request-id"),
    ("x-request-id", "x-request-id"),
)


def refusal(
    status: int, body: bytes, reason: str, headers: Mapping[str, str] = MappingProxyType({})
) -> BackendRefused:
    """The error for a response with an error status; `reason` is the status line's phrase."""
    message = _message(body) or f"the backend answered {status} {reason}".rstrip()
    passed_on = {ours: headers[theirs] for theirs, ours in _PASSED_ON if headers.get(theirs)}
    return BackendRefused(message, client_status(status), passed_on)


def error_in_200(body: bytes) -> BackendRefused | None:
    """The error in a body with the status 200 (OpenRouter sends those), or None."""
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
    """The title of an HTML page, or the text of a short plain one."""
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
    """The error that a decoded error object reports, wherever the backend put it."""
    return reported_error(document) or BackendViolation(
        "the backend's answer is not what was asked for"
    )


def error_message(body: Any) -> str | None:
    """The reason in a decoded error body, with keys masked; None where there is none.

    Canonical is `{"error": {"message": …}}`. Others put a string there, or `message`, `detail`
    (FastAPI), `error_message` at the top, or wrap it all in an array (Gemini).
    """
    try:
        text = _text(body)
    except RecursionError:
        return None
    return masked(text)[:_LONGEST] if text else None


def masked(text: str) -> str:
    """`text` without anything that looks like a key: some servers echo it in their 401."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def reported_error(document: Any) -> BackendRefused | None:
    """The error that a decoded response body or event reports, or None if it reports none.

    The error object may be the document itself or its field `error`.
    """
    message = error_message(document)
    if message is None:
        return None
    inner = document.get("error", document) if isinstance(document, dict) else document
    return BackendRefused(message, error_status(inner) or _BAD_GATEWAY)


def client_status(status: int) -> int:
    """The status for our client when the backend's is `status`."""
    known = _STATUSES.get(status, status)
    if known in _DESCRIBED:
        return known
    return 400 if 400 <= status < 500 else 502


def error_status(error: Any) -> int | None:
    """The status for our client that an error object names, in one of several fields."""
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
    """FastAPI's `detail`: a string, or a list of places with what is wrong there."""
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
