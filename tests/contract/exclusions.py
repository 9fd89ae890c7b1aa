"""What Schemathesis complains of and what is right nevertheless: the whole list, with reasons."""

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
    """A complaint of the kind `failure` about an answer of these operations with this status, if
    `body` is found in its body, and `request` in the URL or the body of what was asked."""

    name: str
    failure: type[Failure]
    operations: str
    status: int
    body: str
    reason: str
    request: str = ""

    def covers(self, failure: Failure, case: Case[Any], response: Response) -> bool:
        """Whether the complaint is one of these."""
        operation = case.operation.definition.raw.get("operationId", "")
        return (
            isinstance(failure, self.failure)
            and response.status_code == self.status
            and re.fullmatch(self.operations, operation) is not None
            and re.search(self.body.encode(), response.content) is not None
            and re.search(self.request.encode(), _asked(response)) is not None
        )


RARE = {
    "raw text that a backend does not take",
    "picture that is none",
    "fields that cannot be used",
    "line feed in a path",
    "name for model",
}
"""Rows that a short run does not always hit; each has a request of its own in the tests."""

EXCLUSIONS = (
    Exclusion(
        "option of a wrong type",
        ServerError,
        _WITH_OPTIONS,
        500,
        r'option \\".*\\" must be of',
        "Ollama reads options late, and calls a wrong one its own failure.",
    ),
    Exclusion(
        "format of a wrong kind",
        ServerError,
        "chat|generate",
        500,
        "format",
        "Ollama reads `format` late, and calls a wrong one its own failure.",
    ),
    Exclusion(
        "licence or quantization that is none",
        ServerError,
        "create",
        500,
        "json: cannot unmarshal|unsupported quantization type",
        "Ollama reads both late, and calls a wrong one its own failure.",
    ),
    Exclusion(
        "models are the backend's",
        ServerError,
        _ON_MODELS,
        501,
        "they are the backend's own",
        "The service cannot do it, and says so.",
    ),
    Exclusion(
        "no account",
        ServerError,
        _ACCOUNT,
        501,
        "there is no account at ollama.com here",
        "The service cannot do it, and says so.",
    ),
    Exclusion(
        "text that is no duration",
        RejectedPositiveData,
        "chat|generate|embed|embeddings",
        400,
        "time: ",
        "A Go duration; its grammar is not a matter of types.",
    ),
    Exclusion(
        "name that is none",
        RejectedPositiveData,
        _NAMED,
        400,
        r"is required|invalid model name|name \\\".*is invalid|either :local or :cloud",
        "Which names there can be is not a matter of types; the words are Ollama's.",
    ),
    Exclusion(
        "name that is none, in a push",
        ServerError,
        "push",
        500,
        "unqualified name",
        "Ollama calls a wrong name its own failure here.",
    ),
    Exclusion(
        "picture that is none",
        RejectedPositiveData,
        "chat|generate",
        400,
        "illegal base64",
        "What base64 is, is not a matter of types.",
    ),
    Exclusion(
        "source that is none",
        RejectedPositiveData,
        "copy|create",
        400,
        "is invalid|was specified|path must be relative|invalid digest|unknown type|info field|template error",
        "Nothing is required of a request by its type, but of what it says.",
    ),
    Exclusion(
        "events as one text",
        JsonSchemaError,
        _FORWARDED,
        200,
        "data: ",
        "OpenAPI 3.0 has a stream of events as one text; Schemathesis reads it event by event.",
    ),
    Exclusion(
        "fields that cannot be used",
        RejectedPositiveData,
        "generate",
        400,
        "raw mode does not support|cannot be used with raw or suffix|template is not supported|does not support insert",
        "A schema cannot say what excludes what; and a backend has its own template.",
    ),
    Exclusion(
        "raw text that a backend does not take",
        ServerError,
        "generate",
        501,
        "raw mode is not supported",
        "The service cannot do it, and says so.",
    ),
    Exclusion(
        "forwarded as it came",
        RejectedPositiveData,
        _FORWARDED,
        400,
        "",
        "The backend knows its own fields, and refuses what lacks some; here any object goes on.",
    ),
    Exclusion(
        "key before method",
        UnsupportedMethodResponse,
        "(heartbeat|version|healthz|readyz)(_head)?",
        401,
        "needs a key",
        "Where no key is needed to read, it is for all else: even to learn what else there is.",
    ),
    Exclusion(
        "null among objects",
        AcceptedNegativeData,
        "chat|generate|create",
        200,
        "",
        "Go reads a null among objects as one without fields; a generator has no word for that.",
        r"[\[ ]null",
    ),
    Exclusion(
        "name for model",
        AcceptedNegativeData,
        "show|pull",
        200,
        "",
        "`name` stands in for a `model` that is absent or empty, as older clients have it.",
        '"name": "[^"]',
    ),
    Exclusion(
        "line feed in a path",
        UndefinedStatusCode,
        "delete_key|blob",
        404,
        "404 page not found",
        "The router has no path with a line feed.",
        "%0A",
    ),
)


def _asked(response: Response) -> bytes:
    body = response.request.body
    sent = body.encode() if isinstance(body, str) else body
    return f"{response.request.url} ".encode() + (sent if isinstance(sent, bytes) else b"")


class Ledger:
    """Which exclusions were of use, and how often."""

    def __init__(self) -> None:
        self.uses: Counter[str] = Counter()

    def excludes(self, failure: Failure, case: Case[Any], response: Response) -> bool:
        """Whether a row covers the complaint; takes note of it."""
        for row in EXCLUSIONS:
            if row.covers(failure, case, response):
                self.uses[row.name] += 1
                return True
        return False
