"""The log: one line a request, as text or JSON."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from .events import Observer, RequestFinished

_log = logging.getLogger("ollama_openai_proxy.requests")
_QUIET = frozenset({"healthz", "readyz", "metrics"})
"""Asked every few seconds, by machines."""
_LONGEST = 256
_PLAIN = re.compile(r"[^\s\"=\x00-\x1f\x7f]+", re.ASCII)
_encode = json.JSONEncoder(default=str).encode
_MS = 1e-6


class Line:
    """A request as its line in the log; written only if it is wanted."""

    __slots__ = ("_details",)

    def __init__(self, details: RequestFinished) -> None:
        self._details = details

    def fields(self) -> dict[str, Any]:
        """The facts by the names that they have in JSON; those that are not there are left out."""
        details = self._details
        first = details.first_token
        facts = {
            "method": details.method,
            "path": details.path[:_LONGEST],
            "status": details.status,
            "duration_ms": round(details.duration * _MS, 2),
            "operation": details.operation,
            "model": details.model and details.model[:_LONGEST],
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
        return {name: fact for name, fact in facts.items() if fact is not None}

    def __str__(self) -> str:
        facts = self.fields()
        head = f"{_word(facts.pop('method'))} {_word(facts.pop('path'))} {facts.pop('status')}"
        return " ".join([head, *(f"{name}={_word(fact)}" for name, fact in facts.items())])


class RequestLog(Observer):
    """Writes the line; a failure of ours is a warning."""

    def request_finished(self, details: RequestFinished) -> None:
        """Writes it."""
        level = logging.WARNING if details.fault == "server" else logging.INFO
        if details.operation in _QUIET:
            level = logging.DEBUG
        if _log.isEnabledFor(level):
            _log.log(level, Line(details))


class TextFormatter(logging.Formatter):
    """A line of text. What a stranger sent stands in it as one line, without control characters."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (the library's name)
        """All but a traceback."""
        text = super().formatMessage(record)
        return text if text.isprintable() else _escaped(text)


class JSONFormatter(logging.Formatter):
    """A line of JSON, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole line."""
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


def _word(fact: object) -> str:
    """A value that ends where it seems to: no text can look like another field."""
    if not isinstance(fact, str):
        return str(fact)
    return fact if _PLAIN.fullmatch(fact) else json.dumps(fact)


def _escaped(text: str) -> str:
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text
    )
