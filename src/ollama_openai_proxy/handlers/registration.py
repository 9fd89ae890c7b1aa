"""Registration of handlers: a function together with the class of its request body.

With these three classes, mypy compares both: it rejects `WithBody(show, PullRequest)`, and also a
function that takes a body if it is registered without one.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from ..services.request import Request
from ..web.binding.request_decoder import RequestDecoder
from ..web.error_format import OLLAMA, ErrorFormat
from ..web.request_body import RequestBody
from ..web.responses import Response

type Schemas = Mapping[str, Any]
type Respond = Callable[[Request, bytes], Awaitable[Response]]
"""A handler that receives the whole body as bytes."""


class WithBody[Body: msgspec.Struct]:
    """A handler whose JSON body is decoded into the class generated from its schema."""

    def __init__(
        self, function: Callable[[Request, Body], Awaitable[Response]], body: type[Body]
    ) -> None:
        self.function = function
        self.body = body
        self.error_format = OLLAMA

    def bind(self, schemas: Schemas) -> Respond:
        """The handler with a decoder for its body; `schemas` are those of specs/ollama.yaml."""
        decoder = RequestDecoder(self.body, schemas[self.body.__name__], schemas)
        function = self.function

        def respond(request: Request, body: bytes) -> Awaitable[Response]:
            return function(request, decoder.decode(body))

        return respond


class WithoutBody:
    """A handler of requests without a body."""

    def __init__(
        self,
        function: Callable[[Request], Awaitable[Response]],
        error_format: ErrorFormat = OLLAMA,
    ) -> None:
        self.function = function
        self.body = None
        self.error_format = error_format

    def bind(self, schemas: Schemas) -> Respond:
        """The handler, which ignores any body that a client sends."""
        function = self.function

        def respond(request: Request, body: bytes) -> Awaitable[Response]:
            return function(request)

        return respond


class Raw:
    """A handler that reads the body itself, as a whole or while it arrives."""

    def __init__(
        self,
        function: Callable[[Request, RequestBody], Awaitable[Response]],
        error_format: ErrorFormat = OLLAMA,
    ) -> None:
        self.function = function
        self.body = None
        self.error_format = error_format


type Handler = WithBody[Any] | WithoutBody | Raw
