"""Failures that Schemathesis reports although the behaviour is correct, with the reasons."""

import re
from collections import Counter
from typing import Any, NamedTuple

from schemathesis import Case, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure, ServerError
from schemathesis.openapi.checks import (
    JsonSchemaError,
    RejectedPositiveData,
    UndefinedStatusCode,
    UnsupportedMethodResponse,
)

_ON_MODELS = "delete|push|create|copy|blob"
_ACCOUNT = "me|web_search|web_fetch"
_WITH_OPTIONS = "chat|generate|embed|embeddings|show"
_NAMED = f"{_WITH_OPTIONS}|pull|push|delete|create|copy"
_FORWARDED = "create(ChatCompletion|Completion|Embedding|Response|Message|Transcription)"


class Exclusion(NamedTuple):
    """A failure that is not reported.

    It must be of the type `failure`, in an operation that `operations` matches, with this status.
    `body` must be found in the response body, `request` in the URL or the body of the request.
    All three are regular expressions.
    """

    name: str
    failure: type[Failure]
    operations: str
    status: int
    body: str
    reason: str
    request: str = ""

    def covers(self, failure: Failure, case: Case[Any], response: Response) -> bool:
        """Whether the failure is excluded by this row."""
        operation = case.operation.definition.raw.get("operationId", "")
        return (
            isinstance(failure, self.failure)
            and response.status_code == self.status
            and re.fullmatch(self.operations, operation) is not None
            and re.search(self.body.encode(), response.content) is not None
            and re.search(self.request.encode(), _request(response)) is not None
        )


RARE = {
    "raw prompt without backend support",
    "invalid image",
    "incompatible fields",
    "line feed in a path",
    "name instead of model",
}
"""Rows that a short run does not always hit. Each has a test with a request of its own."""

EXCLUSIONS = (
    Exclusion(
        "option with the wrong type",
        ServerError,
        _WITH_OPTIONS,
        500,
        r'option \\".*\\" must be of',
        "Ollama parses options late and reports an invalid one as a server error.",
    ),
    Exclusion(
        "invalid format",
        ServerError,
        "chat|generate",
        500,
        "format",
        "Ollama parses `format` late and reports an invalid one as a server error.",
    ),
    Exclusion(
        "invalid licence or quantization",
        ServerError,
        "create",
        500,
        "json: cannot unmarshal|unsupported quantization type",
        "Ollama parses both late and reports an invalid one as a server error.",
    ),
    Exclusion(
        "model management",
        ServerError,
        _ON_MODELS,
        501,
        "they are managed by the backend",
        "The service does not support this and returns 501.",
    ),
    Exclusion(
        "no account",
        ServerError,
        _ACCOUNT,
        501,
        "this service has no ollama.com account",
        "The service does not support this and returns 501.",
    ),
    Exclusion(
        "invalid duration",
        RejectedPositiveData,
        "chat|generate|embed|embeddings",
        400,
        "time: ",
        "The schema has a string; the grammar of Go durations is not part of it.",
    ),
    Exclusion(
        "invalid name",
        RejectedPositiveData,
        _NAMED,
        400,
        r"is required|invalid model name|name \\\".*is invalid|either :local or :cloud",
        "The schema has a string; it does not restrict names. The messages are Ollama's.",
    ),
    Exclusion(
        "invalid name in a push",
        ServerError,
        "push",
        500,
        "unqualified name",
        "Ollama reports an invalid name as a server error here.",
    ),
    Exclusion(
        "invalid image",
        RejectedPositiveData,
        "chat|generate",
        400,
        "illegal base64",
        "The schema has a string; it does not describe base64.",
    ),
    Exclusion(
        "invalid source",
        RejectedPositiveData,
        "copy|create",
        400,
        "is invalid|was specified|path must be relative|invalid digest|unknown type|info field|template error",
        "The schema has only optional fields; what is required depends on their values.",
    ),
    Exclusion(
        "event stream as a string",
        JsonSchemaError,
        _FORWARDED,
        200,
        "data: ",
        "OpenAPI 3.0 describes an event stream as one string; Schemathesis validates each event.",
    ),
    Exclusion(
        "incompatible fields",
        RejectedPositiveData,
        "generate",
        400,
        "raw mode does not support|cannot be used with raw or suffix|template is not supported|does not support insert",
        "The schema does not describe which fields exclude each other.",
    ),
    Exclusion(
        "raw prompt without backend support",
        ServerError,
        "generate",
        501,
        "raw mode is not supported",
        "The service does not support this and returns 501.",
    ),
    Exclusion(
        "forwarded without validation",
        RejectedPositiveData,
        _FORWARDED,
        400,
        "",
        "The service forwards any object; the backend rejects those without its required fields.",
    ),
    Exclusion(
        "authentication before routing",
        UnsupportedMethodResponse,
        "(heartbeat|version|healthz|readyz)(_head)?",
        401,
        "requires an API key",
        "These paths need no key for GET and HEAD. Other methods need one, even to get a 405.",
    ),
    Exclusion(
        "null in a list of objects",
        AcceptedNegativeData,
        "chat|generate|create",
        200,
        "",
        "Go decodes a null in a list as an object without fields; the schema does not allow null.",
        r"[\[ ]null",
    ),
    Exclusion(
        "name instead of model",
        AcceptedNegativeData,
        "show|pull",
        200,
        "",
        "`name` replaces a missing or empty `model`, because older clients send it.",
        '"name": "[^"]',
    ),
    Exclusion(
        "line feed in a path",
        UndefinedStatusCode,
        "delete_key|blob",
        404,
        "404 page not found",
        "The router's path parameters do not match a line feed.",
        "%0A",
    ),
)


def _request(response: Response) -> bytes:
    body = response.request.body
    sent = body.encode() if isinstance(body, str) else body
    return f"{response.request.url} ".encode() + (sent if isinstance(sent, bytes) else b"")


class Ledger:
    """Counts how often each exclusion was used."""

    def __init__(self) -> None:
        self.uses: Counter[str] = Counter()

    def excludes(self, failure: Failure, case: Case[Any], response: Response) -> bool:
        """Whether a row excludes the failure. Counts the use of that row."""
        for row in EXCLUSIONS:
            if row.covers(failure, case, response):
                self.uses[row.name] += 1
                return True
        return False
