"""What Schemathesis does not check by itself: lines of streams, closed answers, the backend's side."""

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


class _Behind:
    """The backend that the service under test has; one at a time."""

    backend: GeneratedBackend | None = None


def watch(backend: GeneratedBackend) -> None:
    """From now on `backend` is the one behind the service."""
    _Behind.backend = backend


@schemathesis.check
def stream_conformance(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Each line fits its schema, and they come in the order that the specification tells."""
    if _media_type(response) != _LINES:
        return
    schema = _schema(case, response.status_code, _LINES)
    if not response.content.endswith(b"\n") or b"\n\n" in response.content:
        raise AssertionError("a blank line, or no line feed at the end")
    sequence = Sequence(schema)
    found = []
    for line in response.content[:-1].split(b"\n"):
        found += sequence.receive(msgspec.json.decode(line))
    found += sequence.close()
    if found:
        raise AssertionError("\n".join(found))


@schemathesis.check
def event_conformance(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Server-sent events are whole."""
    if _media_type(response) != _EVENTS or not response.content:
        return
    if not response.content.endswith((b"\n\n", b"\r\n\r\n", b"\r\r")):
        raise AssertionError(repr(response.content[-80:]))


@schemathesis.check
def closed_answer(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """A JSON answer of our own has no field that the specification does not name."""
    if _media_type(response) != _JSON or case.path.startswith("/v1") or not response.content:
        return
    schema = _schema(case, response.status_code, _JSON)
    found = complaints(_SPEC, schema, response.json(), closed=True) if schema else []
    if found:
        raise AssertionError("\n".join(found))


@schemathesis.check
def no_internal_error(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Nothing is unforeseen."""
    if b"internal error" in response.content and not _asked():
        raise AssertionError(response.content.decode(errors="replace"))


@schemathesis.check
def own_error_form(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """What we refuse ourselves at /v1 has the form that its clients know."""
    if response.status_code < 400 or not case.path.startswith("/v1") or _asked():
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
    """What the backend was asked for meanwhile is as specs/openai.yaml wants it."""
    backend = _Behind.backend
    if backend is not None and backend.recorder.requests:
        raise AssertionError("\n".join(backend.recorder.requests))


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """What the backend was asked before belongs to other cases."""
    if _Behind.backend is not None:
        _Behind.backend.forget()


def _asked() -> bool:
    return _Behind.backend is not None and bool(_Behind.backend.asked)


def _media_type(response: Response) -> str:
    values = response.headers.get("content-type") or [""]
    return values[0].partition(";")[0].strip()


def _schema(case: Case[Any], status: int, media_type: str) -> str:
    """The name of the schema of such an answer; empty where there is none."""
    operation: Any = case.operation
    definition = operation.responses.find_by_status_code(status)
    content = definition.definition.get("content", {}) if definition is not None else {}
    reference = content.get(media_type, {}).get("schema", {}).get("$ref", "")
    return str(reference).rpartition("/")[2]
