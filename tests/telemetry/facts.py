"""The event that observers receive when a request has finished."""

import msgspec

from ollama_openai_proxy.telemetry.events import RequestFinished

FACTS = RequestFinished(
    request_id="r-1",
    operation="chat",
    method="POST",
    path="/api/chat",
    client="10.0.0.1",
    key="ann",
    model="acme:7b",
    status=200,
    duration=1_234_567_890,
    first_token=45_600_000,
    tokens_in=7,
    tokens_out=3,
    sent=99,
    streamed=True,
    kind=None,
    fault=None,
    reason=None,
    backend_request_id=None,
)


def with_(**changes: object) -> RequestFinished:
    return msgspec.structs.replace(FACTS, **changes)
