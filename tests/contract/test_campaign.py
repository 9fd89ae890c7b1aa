"""A campaign detects faults planted in the service's responses."""

from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.fakes.generated import GeneratedBackend

from .campaign import Outcome, Plan, run
from .targets import Target, in_process

SEED = 5
ALL = Plan(SEED, 5, ("examples", "coverage"))


class Doctored:
    """Replaces bytes of the response bodies, or the status, of a service."""

    def __init__(self, app: ASGIApp, before: bytes, after: bytes, status: int = 0) -> None:
        self._app = app
        self._change = (before, after)
        self._status = status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def doctored(message: Message) -> None:
            if message["type"] == "http.response.start":
                # the length of the body may change
                kept = [pair for pair in message["headers"] if pair[0] != b"content-length"]
                status = self._status or message["status"]
                message = {**message, "headers": kept, "status": status}
            elif message["type"] == "http.response.body":
                message = {**message, "body": message["body"].replace(*self._change)}
            await send(message)

        await self._app(scope, receive, doctored if scope["type"] == "http" else send)


def doctored(only: str, before: bytes, after: bytes, status: int = 0) -> Outcome:
    with in_process(GeneratedBackend(SEED)) as target:
        app: Any = Doctored(target.app, before, after, status)
        return run(Target(target.backend, app=app), ALL._replace(only=f"^{only}$"))


@pytest.mark.parametrize(
    ("only", "before", "after", "check"),
    [
        ("pull", b'{"status":"success"}\n', b'{"status":"success"}\n' * 2, "stream_conformance"),
        ("pull", b'{"status":"success"}\n', b"", "stream_conformance"),
        ("generate", b'"done":false', b'"done":false,"eval_count":1', "stream_conformance"),
        ("generate", b'"done":', b'"finished":', "response_schema_conformance"),
        ("ps", b'"models"', b'"extra":1,"models"', "no_undocumented_fields"),
        ("show", b'"license":""', b'"license":null', "response_schema_conformance"),
        ("copy", b"is invalid", b"internal error", "no_internal_error"),
    ],
    ids=[
        "two final lines", "no final line", "early counter", "missing field", "extra field", "null",
        "internal error",
    ],
)  # fmt: skip
def test_a_wrong_response_is_reported(only: str, before: bytes, after: bytes, check: str) -> None:
    outcome = doctored(only, before, after)
    assert check in {finding.check for finding in outcome.findings}


def test_a_wrong_status_is_reported() -> None:
    outcome = doctored("status", b"", b"", status=202)
    assert "status_code_conformance" in {finding.check for finding in outcome.findings}


def test_a_finding_shows_a_curl_command_and_the_response_of_the_backend() -> None:
    (finding, *_) = doctored("show", b'"license":""', b'"license":null').findings
    assert finding.operation == "POST /api/show"
    assert finding.curl.startswith("curl -X POST")
    assert "GET /models: 200" in finding.message


def test_the_same_plan_sends_the_same_requests() -> None:
    def statuses() -> Any:
        with in_process(GeneratedBackend(SEED)) as target:
            plan = Plan(SEED, 10, ("fuzzing",), only="^(embed|copy)$")
            return run(target, plan).statuses

    assert statuses() == statuses()
