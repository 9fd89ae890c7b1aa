"""A backend made from specs/openai.yaml: it gives each request an answer of any shape that is allowed.

For one seed a request has the same answer each first time that it comes, the same each second
time, and so on, so that whatever fails can be asked again.
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
"""What is always in the list."""


class _Broken(Exception):
    """The connection is to end in the middle."""


class GeneratedBackend:
    """An ASGI application; `transport()` reaches it without a socket.

    `recorder` holds what it is asked against the specification, `asked` what it was asked and
    said.
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
        """What was asked so far is of no interest any more."""
        self.recorder.reset()
        self.asked.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; breaks the connection off where the answer is to be a part."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        pairs = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        ]
        path = scope["raw_path"].decode()
        answer = self.answer(scope["method"], path, pairs, body)
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        for piece in answer.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if answer.broken:
            raise _Broken
        await send({"type": "http.response.body", "body": b""})

    def transport(self) -> FakeNetwork:
        """A way to it without a socket."""
        return _Transport(self)

    def answer(
        self, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes
    ) -> Answer:
        """The answer to a request."""
        self.recorder.asked(method, path, headers, body)
        path = path.removeprefix("/v1")
        answers = Answers(self._schemas, self._random(method, path, body), self.mood)
        answer = (
            self._described(path, answers)
            if method == "GET"
            else self._done(path, answers, _decoded(body))
        )
        self.asked.append(f"{method} {path}: {answer.status} {b''.join(answer.pieces)!r}")
        return answer

    def _random(self, method: str, path: str, body: bytes) -> Random:
        request = b"%s %s %s" % (method.encode(), path.encode(), body)
        self._times[request] += 1
        return Random(b"%d %d %s" % (self._seed, self._times[request], request))

    def _done(self, path: str, answers: Answers, request: Any) -> Answer:
        """What is passed on to us may be anything; we take what is described."""
        operation = self._paths.get(path, {}).get("post")
        if operation is None:
            return answers.refused(404)
        schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        if complaints(_SPEC, schema.rpartition("/")[2], request, closed=True):
            return answers.refused(400)
        return answers.to(path, request)

    def _described(self, path: str, answers: Answers) -> Answer:
        if path == "/models":
            return answers.listed(MODELS)
        return answers.properties() if path == "/props" else answers.model()


class _Transport(FakeNetwork):
    def __init__(self, backend: GeneratedBackend) -> None:
        self._backend = backend

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        path = request.url.raw_path.decode().partition("?")[0]
        pairs = request.headers.multi_items()
        answer = self._backend.answer(request.method, path, pairs, body)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._answer.pieces:
            yield piece
        if self._answer.broken:
            raise httpx.ReadError("the connection broke")


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
