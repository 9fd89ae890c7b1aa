"""A backend that returns random responses, all of them valid under specs/openai.yaml.

The response depends only on the seed, the request and how often this request was sent before, so
that a failure can be reproduced.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from random import Random
from typing import Any

import httpx
import msgspec
from starlette.types import Receive, Scope, Send

from ollama_openai_proxy.conformance.schemas import complaints
from ollama_openai_proxy.spec import load_spec

from .answers import Answer, Answers, Mood
from .recorder import Recorder
from .seam import FakeNetwork

_SPEC = "openai.yaml"
MODELS = ("acme-7b", "acme-embed", "acme/acme-7b", "llama3:8b-q4")
"""Models that the list always contains."""


class _Broken(Exception):
    """Raised to close the connection before the end of the body."""


class GeneratedBackend:
    """An ASGI application. `transport()` connects to it without a socket.

    `recorder` checks the requests against the specification. `asked` has a line for each request
    and its response.
    """

    def __init__(self, seed: int, mood: Mood = "willing") -> None:
        document = load_spec(_SPEC)
        self._seed = seed
        self.mood = mood
        self._paths = document["paths"]
        self._schemas = document["components"]["schemas"]
        self._times: Counter[bytes] = Counter()
        self.recorder = Recorder()
        self.asked: list[str] = []

    def forget(self) -> None:
        """Clear the recorded requests and violations."""
        self.recorder.reset()
        self.asked.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request. A broken response ends with an exception."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        pairs = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        ]
        path = scope["raw_path"].decode()
        response = self.answer(scope["method"], path, pairs, body)
        headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        for piece in response.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if response.broken:
            raise _Broken
        await send({"type": "http.response.body", "body": b""})

    def transport(self) -> FakeNetwork:
        """A backend transport connected to this backend without a socket."""
        return _Transport(self)

    def answer(
        self, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes
    ) -> Answer:
        """Record a request and return the response to it."""
        self.recorder.asked(method, path, headers, body)
        path = path.removeprefix("/v1")
        responses = Answers(self._schemas, self._random(method, path, body), self.mood)
        response = (
            self._respond_to_get(path, responses)
            if method == "GET"
            else self._respond_to_post(path, responses, _decoded(body))
        )
        self.asked.append(f"{method} {path}: {response.status} {b''.join(response.pieces)!r}")
        return response

    def _random(self, method: str, path: str, body: bytes) -> Random:
        request = b"%s %s %s" % (method.encode(), path.encode(), body)
        self._times[request] += 1
        return Random(b"%d %d %s" % (self._seed, self._times[request], request))

    def _respond_to_post(self, path: str, responses: Answers, request: Any) -> Answer:
        """Respond to a POST. Forwarded requests may be invalid; the response is then an error."""
        operation = self._paths.get(path, {}).get("post")
        if operation is None:
            return responses.refused(404)
        schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        if complaints(_SPEC, schema.rpartition("/")[2], request, closed=True):
            return responses.refused(400)
        return responses.to(path, request)

    def _respond_to_get(self, path: str, responses: Answers) -> Answer:
        if path == "/models":
            return responses.listed(MODELS)
        return responses.properties() if path == "/props" else responses.model()


class _Transport(FakeNetwork):
    def __init__(self, backend: GeneratedBackend) -> None:
        self._backend = backend

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        path = request.url.raw_path.decode().partition("?")[0]
        pairs = request.headers.multi_items()
        response = self._backend.answer(request.method, path, pairs, body)
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: Answer) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._response.pieces:
            yield piece
        if self._response.broken:
            raise httpx.ReadError("the connection broke")


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
