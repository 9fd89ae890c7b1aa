"""The request log: one line per request, as text or JSON."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from .events import Observer, RequestFinished

_log = logging.getLogger("ollama_openai_proxy.requests")
_QUIET = frozenset({"healthz", "readyz", "metrics"})
"""Operations that monitoring calls every few seconds; logged at level DEBUG."""
_MAX_LENGTH = 256
"""Characters of a path or model name that are logged; clients choose their lengths."""
# Values that need no quotes in a text line.
_PLAIN = re.compile(r"[^\s\"=\x00-\x1f\x7f]+", re.ASCII)
_encode = json.JSONEncoder(default=str).encode
_MS = 1e-6


class Line:
    """A log message for a finished request, formatted only if it is emitted."""

    __slots__ = ("_details",)

    def __init__(self, details: RequestFinished) -> None:
        self._details = details

    def fields(self) -> dict[str, Any]:
        """The fields of a JSON line, without those that are None."""
        details = self._details
        first = details.first_token
        fields = {
            "method": details.method,
            "path": details.path[:_MAX_LENGTH],
            "status": details.status,
            "duration_ms": round(details.duration * _MS, 2),
            "operation": details.operation,
            "model": details.model and details.model[:_MAX_LENGTH],
            "first_token_ms": None if first is None else round(first * _MS, 2),
            "tokens_in": details.tokens_in or None,
            "tokens_out": details.tokens_out or None,
            "bytes": details.sent,
            "error": details.kind,
            "fault": details.fault,
            "reason": details.reason,
            "client": details.client,
            "key": details.key,
            "request_id": details.request_id,
            "backend_request_id": details.backend_request_id,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def __str__(self) -> str:
        fields = self.fields()
        method, path = _quoted(fields.pop("method")), _quoted(fields.pop("path"))
        head = f"{method} {path} {fields.pop('status')}"
        return " ".join([head, *(f"{name}={_quoted(value)}" for name, value in fields.items())])


class RequestLog(Observer):
    """Logs each finished request; failures of the service or the backend are warnings."""

    def request_finished(self, details: RequestFinished) -> None:
        """Log the request."""
        level = logging.WARNING if details.fault == "server" else logging.INFO
        if details.operation in _QUIET:
            level = logging.DEBUG
        if _log.isEnabledFor(level):
            _log.log(level, Line(details))


class TextFormatter(logging.Formatter):
    """Formats a text line. Escapes control characters, so client input cannot start a new line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (inherited name)
        """Format everything except the traceback."""
        text = super().formatMessage(record)
        return text if text.isprintable() else _escaped(text)


class JSONFormatter(logging.Formatter):
    """Formats a JSON line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, Any] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if isinstance(record.msg, Line):
            fields["message"] = "request"
            fields |= record.msg.fields()
        else:
            fields["message"] = record.getMessage()
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        if record.stack_info:
            fields["stack"] = self.formatStack(record.stack_info)
        return _encode(fields)


def _quoted(value: object) -> str:
    """Quote a string if needed, so that it cannot be mistaken for another field."""
    if not isinstance(value, str):
        return str(value)
    return value if _PLAIN.fullmatch(value) else json.dumps(value)


def _escaped(text: str) -> str:
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text
    )
