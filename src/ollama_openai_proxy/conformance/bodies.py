"""The body of an answer, held against its schema while it comes."""

from collections.abc import Callable
from typing import Any, Protocol

from ..framing.sse import SSEDecoder
from ..json_decoding import InvalidJSON, decode_json
from .contract import Described
from .schemas import violations
from .sequence import Sequence

type FindViolations = Callable[[str, str, Any], list[str]]
"""What is wrong with a document, by specification and schema."""

_THEIRS = "openai.yaml"
_NOT_JSON = "$: is not JSON"
_DONE = b"[DONE]"


class BodyValidator(Protocol):
    """`receive` and `close` tell what is wrong with what has come since; best left empty."""

    def receive(self, data: bytes) -> list[str]:
        """Takes the next bytes."""

    def close(self) -> list[str]:
        """Takes the end."""


def violations_if_closed(spec: str, schema: str, document: Any) -> list[str]:
    """What is wrong with a document that may have no fields beyond its schema's."""
    return violations(spec, schema, document, closed=True)


def response_violations(
    spec: str,
    described: Described,
    status: int,
    media_type: str,
    find_violations: FindViolations = violations,
) -> tuple[list[str], BodyValidator]:
    """What is wrong with the head of an answer, and what is to be told its body."""
    content = described.content(status)
    media_type = media_type.partition(";")[0].strip().lower()
    if content is None:
        return [f"status: {status} is not described"], UnvalidatedBody()
    if media_type not in content:
        # Gateways fail in HTML or in silence, and so the description of failures says.
        fits = spec == _THEIRS and status >= 400 if content else not media_type
        return [] if fits else [f"content-type: not described for {status}"], UnvalidatedBody()
    schema = content[media_type]
    if schema is None:
        return [], UnvalidatedBody()
    return [], _KINDS[media_type](spec, schema, find_violations)


class UnvalidatedBody:
    """A body that nothing is said about."""

    def receive(self, data: bytes) -> list[str]:
        """Nothing is wrong."""
        return []

    def close(self) -> list[str]:
        """Nothing is wrong."""
        return []


class JSONBody:
    """One JSON document."""

    def __init__(self, spec: str, schema: str, find_violations: FindViolations) -> None:
        self._spec = spec
        self._schema = schema
        self._find_violations = find_violations
        self._pieces: list[bytes] = []

    def receive(self, data: bytes) -> list[str]:
        """Keeps it: only the whole can be read."""
        self._pieces.append(data)
        return []

    def close(self) -> list[str]:
        """What is wrong with the document."""
        try:
            document = decode_json(b"".join(self._pieces))
        except InvalidJSON:
            lenient = self._spec == _THEIRS and self._schema == "ErrorResponse"
            return [] if lenient else [_NOT_JSON]
        unwrap = _WRAPPED.get((self._spec, self._schema), _as_it_is)
        return self._find_violations(self._spec, self._schema, unwrap(document))


class SSEBody:
    """Server-sent events, each a JSON document but for the last."""

    def __init__(self, spec: str, schema: str, find_violations: FindViolations) -> None:
        self._spec = spec
        self._schema = schema
        self._find_violations = find_violations
        self._decoder = SSEDecoder()

    def receive(self, data: bytes) -> list[str]:
        """What is wrong with the events that `data` completes."""
        return self._told(self._decoder.receive(data))

    def close(self) -> list[str]:
        """What is wrong with an event that has no end."""
        found = self._told(self._decoder.close())
        return [*found, "$: something else than events"] if self._decoder.stray.strip() else found

    def _told(self, events: list[Any]) -> list[str]:
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
    """NDJSON of ours."""

    def __init__(self, spec: str, schema: str, find_violations: FindViolations) -> None:
        self._sequence = Sequence(schema)
        self._rest = b""

    def receive(self, data: bytes) -> list[str]:
        """What is wrong with the lines that `data` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [complaint for line in lines for complaint in self._told(line)]

    def close(self) -> list[str]:
        """What is wrong with a stream that ends here."""
        found = self._sequence.close()
        return [*found, "$: the last line has no line feed"] if self._rest else found

    def _told(self, line: bytes) -> list[str]:
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


def _as_it_is(document: Any) -> Any:
    return document


def _listed(document: Any) -> Any:
    if isinstance(document, list):  # Together
        return {"data": document}
    if (
        isinstance(document, dict) and "data" not in document and "models" in document
    ):  # xAI, Gemini
        return {"data": document["models"]}
    return document


def _failed(document: Any) -> Any:
    return document[0] if isinstance(document, list) and len(document) == 1 else document  # Gemini


# What the descriptions in the specification say of dialects, and no schema can.
_WRAPPED: dict[tuple[str, str], Callable[[Any], Any]] = {
    (_THEIRS, "ListModelsResponse"): _listed,
    (_THEIRS, "ErrorResponse"): _failed,
}
