"""Checks beyond those of Schemathesis: stream lines, undocumented fields, backend requests."""

from typing import Any

import msgspec
import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

from ollama_openai_proxy.conformance.schemas import complaints
from ollama_openai_proxy.conformance.sequence import Sequence
from tests.fakes.generated import GeneratedBackend

_LINES = "application/x-ndjson"
_EVENTS = "text/event-stream"
_JSON = "application/json"
_SPEC = "ollama.yaml"


class _Watched:
    """The backend of the service under test; one at a time."""

    backend: GeneratedBackend | None = None


def watch(backend: GeneratedBackend) -> None:
    """Check the requests that `backend` receives from now on."""
    _Watched.backend = backend


@schemathesis.check
def stream_conformance(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Every line matches its schema, and the lines are in the specified order."""
    if _media_type(response) != _LINES:
        return
    schema = _schema(case, response.status_code, _LINES)
    if not response.content.endswith(b"\n") or b"\n\n" in response.content:
        raise AssertionError("the stream has a blank line or does not end in a line feed")
    sequence = Sequence(schema)
    found = []
    for line in response.content[:-1].split(b"\n"):
        found += sequence.receive(msgspec.json.decode(line))
    found += sequence.close()
    if found:
        raise AssertionError("\n".join(found))


@schemathesis.check
def event_conformance(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """The last server-sent event is complete."""
    if _media_type(response) != _EVENTS or not response.content:
        return
    if not response.content.endswith((b"\n\n", b"\r\n\r\n", b"\r\r")):
        raise AssertionError(repr(response.content[-80:]))


@schemathesis.check
def no_undocumented_fields(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """JSON responses outside /v1 have no fields that the specification does not name."""
    if _media_type(response) != _JSON or case.path.startswith("/v1") or not response.content:
        return
    schema = _schema(case, response.status_code, _JSON)
    found = complaints(_SPEC, schema, response.json(), closed=True) if schema else []
    if found:
        raise AssertionError("\n".join(found))


@schemathesis.check
def no_internal_error(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """The service reports no internal error of its own."""
    if b"internal error" in response.content and not _reached_backend():
        raise AssertionError(response.content.decode(errors="replace"))


@schemathesis.check
def own_error_form(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Errors of the service itself at /v1 have the format of OpenAI or Anthropic."""
    if response.status_code < 400 or not case.path.startswith("/v1") or _reached_backend():
        return
    if response.request.method == "HEAD":
        return
    anthropic = case.path.startswith("/v1/messages")
    schema = "AnthropicErrorResponse" if anthropic else "OpenAIErrorResponse"
    found = complaints(_SPEC, schema, response.json(), closed=True)
    if found:
        raise AssertionError("\n".join(found))


@schemathesis.check
def backend_conformance(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """The requests to the backend match specs/openai.yaml."""
    backend = _Watched.backend
    if backend is not None and backend.recorder.requests:
        raise AssertionError("\n".join(backend.recorder.requests))


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Forget the backend requests of earlier cases."""
    if _Watched.backend is not None:
        _Watched.backend.forget()


def _reached_backend() -> bool:
    return _Watched.backend is not None and bool(_Watched.backend.asked)


def _media_type(response: Response) -> str:
    values = response.headers.get("content-type") or [""]
    return values[0].partition(";")[0].strip()


def _schema(case: Case[Any], status: int, media_type: str) -> str:
    """The name of the schema of the response, or an empty string if it has no schema."""
    operation: Any = case.operation
    definition = operation.responses.find_by_status_code(status)
    content = definition.definition.get("content", {}) if definition is not None else {}
    reference = content.get(media_type, {}).get("schema", {}).get("$ref", "")
    return str(reference).rpartition("/")[2]
