"""A fake backend transport with scripted replies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import msgspec

from .recorder import played, recorded
from .seam import Closeable, FakeNetwork

MODELS = {"object": "list", "data": [{"id": "gpt-4o", "object": "model", "owned_by": "acme"}]}

type Reply = Exception | Callable[[httpx.Request], httpx.Response]


class Pieces(Closeable):
    """A body that arrives in pieces. An exception among them is raised at that point."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = pieces
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def aclose(self) -> None:
        self.closed = True


class FakeTransport(FakeNetwork):
    """Replies by path (`/models`, `/chat/completions`, …), and records the requests.

    A reply is an exception or a function of the request, and is used for every request to its
    path. `/models` returns MODELS by default.
    """

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {"/models": json_reply(MODELS)}
        self.requests: list[httpx.Request] = []

    def reply(self, path: str, reply: Reply) -> FakeTransport:
        self.replies[path] = reply
        return self

    def asked(self, path: str) -> list[dict[str, Any]]:
        """The decoded bodies of the requests whose path ends in `path`."""
        return [
            msgspec.json.decode(request.content)
            for request in self.requests
            if request.url.path.endswith(path)
        ]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        ours = recorded(request)
        response = self._respond(request)
        if ours:
            played(request, response)
        return response

    def _respond(self, request: httpx.Request) -> httpx.Response:
        for path, reply in self.replies.items():
            if request.url.path.endswith(path) and not (
                path == "/completions" and request.url.path.endswith("/chat/completions")
            ):
                if isinstance(reply, Exception):
                    raise reply
                return reply(request)
        return json_reply({"error": {"message": "no such path"}}, 404)(request)


class Switch(FakeNetwork):
    """Forwards to the transport `to`, which can be replaced between tests of one service."""

    to: FakeNetwork

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.to.handle_async_request(request)


def json_reply(
    document: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Callable[[httpx.Request], httpx.Response]:
    """A reply with a JSON body."""
    body = msgspec.json.encode(document)
    return lambda request: httpx.Response(
        status, headers={"content-type": "application/json", **(headers or {})}, content=body
    )


def stream_reply(
    *pieces: bytes | Exception, content_type: str = "text/event-stream"
) -> Callable[[httpx.Request], httpx.Response]:
    """A reply whose body arrives in pieces."""
    return lambda request: httpx.Response(
        200, headers={"content-type": content_type}, stream=Pieces(*pieces)
    )


def events(*documents: Any, done: bool = True) -> bytes:
    """Server-sent events in OpenAI's format, followed by `[DONE]` if `done`."""
    lines = [b"data: " + msgspec.json.encode(document) + b"\n\n" for document in documents]
    return b"".join(lines) + (b"data: [DONE]\n\n" if done else b"")


def chunk(content: str | None = None, finish: str | None = None, **rest: Any) -> dict[str, Any]:
    """A chat completion chunk. `rest` is added to its delta; `usage` is a top-level field."""
    usage = rest.pop("usage", None)
    delta = {"content": content} if content is not None else {}
    choice = {"index": 0, "delta": {**delta, **rest}, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "gpt-4o-2024-08-06",
        "choices": [choice],
        **({"usage": usage} if usage else {}),
    }


def usage(prompt: int, completion: int) -> dict[str, Any]:
    """The final chunk, which has the token counts."""
    counts = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [], "usage": counts}


def completion(content: str | None = "Hi", finish: str = "stop", **rest: Any) -> dict[str, Any]:
    """A chat completion. `rest` is added to its message."""
    message = {"role": "assistant", "content": content, "refusal": None, **rest}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }
