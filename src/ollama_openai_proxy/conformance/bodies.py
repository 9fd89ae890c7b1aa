"""Validators for response bodies, which check a body against its schema while it is received."""

from collections.abc import Callable
from typing import Any, Protocol

from ..framing.sse import SSEDecoder
from ..json_decoding import InvalidJSON, decode_json
from .contract import Described
from .schemas import violations
from .sequence import Sequence

type FindViolations = Callable[[str, str, Any], list[str]]
"""Returns the violations of a document, given the specification, the schema and the document."""

_BACKEND_SPEC = "openai.yaml"
_NOT_JSON = "$: is not JSON"
_DONE = b"[DONE]"


class BodyValidator(Protocol):
    """Validates one body. Each method returns the violations found since the previous call."""

    def receive(self, data: bytes) -> list[str]:
        """Validate the next bytes of the body."""

    def close(self) -> list[str]:
        """Validate the end of the body."""


def violations_if_closed(spec: str, schema: str, document: Any) -> list[str]:
    """Like `violations`, but also reports fields that the schema does not name."""
    return violations(spec, schema, document, closed=True)


def response_violations(
    spec: str,
    described: Described,
    status: int,
    media_type: str,
    find_violations: FindViolations = violations,
) -> tuple[list[str], BodyValidator]:
    """Return the violations of a response's head, and the validator for its body."""
    content = described.content(status)
    media_type = media_type.partition(";")[0].strip().lower()
    if content is None:
        return [f"status: {status} is not described"], UnvalidatedBody()
    if media_type not in content:
        # Gateways send errors as HTML or without a body, which the specification allows in prose.
        fits = spec == _BACKEND_SPEC and status >= 400 if content else not media_type
        return [] if fits else [f"content-type: not described for {status}"], UnvalidatedBody()
    schema = content[media_type]
    if schema is None:
        return [], UnvalidatedBody()
    return [], _KINDS[media_type](spec, schema, find_violations)


class UnvalidatedBody:
    """Accepts any body: the specification has no schema for it."""

    def receive(self, data: bytes) -> list[str]:
        """Return no violations."""
        return []

    def close(self) -> list[str]:
        """Return no violations."""
        return []


class JSONBody:
    """Validates a body that is one JSON document."""

    def __init__(self, spec: str, schema: str, find_violations: FindViolations) -> None:
        self._spec = spec
        self._schema = schema
        self._find_violations = find_violations
        self._parts: list[bytes] = []

    def receive(self, data: bytes) -> list[str]:
        """Buffer the bytes; the document is decoded when it is complete."""
        self._parts.append(data)
        return []

    def close(self) -> list[str]:
        """Return the violations of the document."""
        try:
            document = decode_json(b"".join(self._parts))
        except InvalidJSON:
            lenient = self._spec == _BACKEND_SPEC and self._schema == "ErrorResponse"
            return [] if lenient else [_NOT_JSON]
        normalize = _NORMALIZERS.get((self._spec, self._schema), _unchanged)
        return self._find_violations(self._spec, self._schema, normalize(document))


class SSEBody:
    """Validates server-sent events, each a JSON document except for `[DONE]`."""

    def __init__(self, spec: str, schema: str, find_violations: FindViolations) -> None:
        self._spec = spec
        self._schema = schema
        self._find_violations = find_violations
        self._decoder = SSEDecoder()

    def receive(self, data: bytes) -> list[str]:
        """Return the violations of the events that `data` completes."""
        return self._violations(self._decoder.receive(data))

    def close(self) -> list[str]:
        """Return the violations of an event that was not terminated, and of data outside events."""
        found = self._violations(self._decoder.close())
        return [*found, "$: data outside of events"] if self._decoder.stray.strip() else found

    def _violations(self, events: list[Any]) -> list[str]:
        found: list[str] = []
        for event in events:
            if event.error or event.data.strip() == _DONE:
                continue
            try:
                document = decode_json(event.data)
            except InvalidJSON:
                found.append(_NOT_JSON)
            else:
                found += self._find_violations(self._spec, self._schema, document)
        return found


class NDJSONBody:
    """Validates an NDJSON stream of the Ollama API."""

    def __init__(self, spec: str, schema: str, find_violations: FindViolations) -> None:
        self._sequence = Sequence(schema)
        self._rest = b""

    def receive(self, data: bytes) -> list[str]:
        """Return the violations of the lines that `data` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [violation for line in lines for violation in self._violations(line)]

    def close(self) -> list[str]:
        """Return the violations of a stream that ends here."""
        found = self._sequence.close()
        return [*found, "$: the last line has no line feed"] if self._rest else found

    def _violations(self, line: bytes) -> list[str]:
        try:
            document = decode_json(line)
        except InvalidJSON:
            return [_NOT_JSON]
        return self._sequence.receive(document)


_KINDS: dict[str, Callable[[str, str, FindViolations], BodyValidator]] = {
    "application/json": JSONBody,
    "text/event-stream": SSEBody,
    "application/x-ndjson": NDJSONBody,
}


def _unchanged(document: Any) -> Any:
    return document


def _model_list(document: Any) -> Any:
    if isinstance(document, list):  # Together
        return {"data": document}
    if (
        isinstance(document, dict) and "data" not in document and "models" in document
    ):  # xAI, Gemini
        return {"data": document["models"]}
    return document


def _error(document: Any) -> Any:
    return document[0] if isinstance(document, list) and len(document) == 1 else document  # Gemini


# Convert the shapes of other dialects, which the specification allows in prose, to the schema's.
_NORMALIZERS: dict[tuple[str, str], Callable[[Any], Any]] = {
    (_BACKEND_SPEC, "ListModelsResponse"): _model_list,
    (_BACKEND_SPEC, "ErrorResponse"): _error,
}
