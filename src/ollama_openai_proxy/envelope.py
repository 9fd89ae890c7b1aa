"""The message and the status in an error body of any dialect."""

import json
import re
from typing import Any

_MASKS = (
    (re.compile(r"\b(sk|gsk|xai|pk|rk|key|AIza)[-_][A-Za-z0-9_\-*]{6,}"), r"\1-***"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "Bearer ***"),
)
_LONGEST = 2000
_VAGUE = "Provider returned error"  # OpenRouter; the cause stands in metadata.raw


def error_message(body: Any) -> str | None:
    """The reason in a decoded error body, with keys masked; None where there is none.

    Canonical is `{"error": {"message": …}}`. Others put a string there, or `message`, `detail`
    (FastAPI), `error_message` at the top, or wrap it all in an array (Gemini).
    """
    text = _text(body)
    return masked(text)[:_LONGEST] if text else None


def masked(text: str) -> str:
    """`text` without anything that looks like a key: some servers echo it in their 401."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def error_status(error: Any) -> int | None:
    """The HTTP status that an error object names in `code`, `status` or `http_status_code`."""
    if not isinstance(error, dict):
        return None
    for key in ("code", "http_status_code", "status", "status_code"):
        value = error.get(key)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if isinstance(value, int) and 400 <= value <= 599:
            return value
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
            place = ".".join(
                str(step) for step in item.get("loc", ()) if isinstance(step, str | int)
            )
            lines.append(f"{place}: {item['msg']}" if place else str(item["msg"]))
    return "; ".join(lines) or None
