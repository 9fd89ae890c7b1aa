"""Error bodies in the format of the client's API, for use before and after the headers are sent."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec
from ollama_openai_proxy_models import ollama

from ..errors import ProxyError
from .responses import WholeResponse

_encode = msgspec.json.Encoder().encode

# openai/openai.go, NewError. Statuses that Ollama does not distinguish have OpenAI's own type.
_OPENAI = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
}
# anthropic/anthropic.go, NewError.
_ANTHROPIC = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}


class ErrorFormat(NamedTuple):
    """The error object of an API, and the name of the server-sent event that reports it, if any."""

    message: Callable[[ProxyError], msgspec.Struct]
    event: bytes = b""

    def response(self, failure: ProxyError) -> WholeResponse:
        """The response for a failure before the headers were sent."""
        headers = [(name.encode(), value.encode()) for name, value in failure.headers.items()]
        return WholeResponse(_encode(self.message(failure)), failure.status, headers=headers)

    def last_line(self, failure: ProxyError) -> bytes:
        """The last line of an NDJSON stream that fails after the headers were sent."""
        return _encode(self.message(failure)) + b"\n"

    def last_event(self, failure: ProxyError) -> bytes:
        """The last event of an SSE stream that fails after the headers were sent."""
        name = b"event: %s\n" % self.event if self.event else b""
        return name + b"data: %s\n\n" % _encode(self.message(failure))


def _ollama(failure: ProxyError) -> msgspec.Struct:
    return ollama.ErrorResponse(error=failure.message)


def _openai(failure: ProxyError) -> msgspec.Struct:
    type_ = _OPENAI.get(failure.status, "api_error")
    error = ollama.OpenAIError(message=failure.message, type=type_, param=None, code=None)
    return ollama.OpenAIErrorResponse(error=error)


def _anthropic(failure: ProxyError) -> msgspec.Struct:
    type_ = _ANTHROPIC.get(failure.status, "api_error")
    error = ollama.AnthropicError(type=type_, message=failure.message)
    return ollama.AnthropicErrorResponse(type="error", error=error)


OLLAMA = ErrorFormat(_ollama)
OPENAI = ErrorFormat(_openai)
ANTHROPIC = ErrorFormat(_anthropic, b"error")

_BY_PATH: Mapping[str, ErrorFormat] = {"/v1/messages": ANTHROPIC, "/v1/": OPENAI, "/": OLLAMA}


def error_format_of(path: str) -> ErrorFormat:
    """The error format of the API that a path belongs to."""
    return next((known for start, known in _BY_PATH.items() if path.startswith(start)), OLLAMA)
