"""Random responses that are valid under specs/openai.yaml, whole and streamed."""

from collections.abc import Iterable
from random import Random
from typing import Any, Literal, NamedTuple

import msgspec

from .documents import Documents, Schema

_ENDED = b"data: [DONE]\n\n"
_REASONS = ("stop", "length", "tool_calls", "end_turn")
_FAILED_REASONS = ("content_filter", "error", "", None)
_REFUSALS = (400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 418, 422, 429, 451, 498)
_FAILURES = (500, 501, 502, 503, 504, 507, 520, 529)
_REFUSED = 0.08
"""Probability of an error response."""
_FAILED_LATE = 0.03
"""Probability of each failure after status 200: an error in the body, a broken or incomplete
stream, and so on."""

_ODD = 0.4
_CALLS = 0.3
_TEXT_FIELDS = ("content", "content", "content", "reasoning_content", "reasoning")

type Mood = Literal["willing", "moody"]
"""A willing backend always succeeds; a moody one sometimes returns errors or broken streams."""


class Answer(NamedTuple):
    """A response. If `broken`, the connection is closed before the end of the body."""

    status: int
    headers: dict[str, str]
    pieces: list[bytes]
    broken: bool = False


class Answers:
    """Makes the response to one request. All choices are taken from `random`."""

    def __init__(self, schemas: dict[str, Schema], random: Random, mood: Mood) -> None:
        self._random = random
        self._moody = mood == "moody"
        without = () if self._rarely(_FAILED_LATE) else ("error",)
        self._documents = Documents(schemas, random, without)

    def to(self, path: str, request: dict[str, Any]) -> Answer:
        """The response to a valid POST request."""
        if self._rarely(_REFUSED):
            return self.refused()
        if path == "/embeddings":
            return self._embedded(request["input"])
        name, choice = _CHOICES[path, bool(request.get("stream"))]
        if request.get("stream"):
            return self._streamed(name, choice)
        choices = [self._documents.named(choice, index=0, error=..., **self._reason())]
        return _whole(self._documents.named(name, choices=choices, error=self._error()))

    def refused(self, status: int = 0) -> Answer:
        """An error response, with a random status if `status` is 0."""
        status = status or self._random.choice(_REFUSALS + _FAILURES)
        detail = self._documents.named("ErrorDetail")
        body = self._documents.named("ErrorResponse")
        if self._random.random() < 0.7:
            body["error"] = self._random.choice([detail, detail, self._documents.anything()])
        headers = {"retry-after": "20"} if status in (429, 503) else {}
        return _whole(body, status, headers)

    def listed(self, ids: Iterable[str]) -> Answer:
        """A model list that contains `ids` and some random models."""
        if self._rarely(_REFUSED):
            return self.refused()
        models = [self._documents.named("Model", id=id_) for id_ in ids]
        models += [self._documents.named("Model") for _ in range(3)]
        return _whole(self._documents.named("ListModelsResponse", data=models))

    def model(self) -> Answer:
        """A single model, or 404 as from a backend without this operation."""
        if self._random.random() < 0.5:
            return self.refused(404)
        return _whole(self._documents.named("Model"))

    def properties(self) -> Answer:
        """llama.cpp's /props, or 404 as from any other backend."""
        if self._random.random() < 0.5:
            return self.refused(404)
        return _whole(self._documents.named("ServerProperties"))

    def _embedded(self, inputs: Any) -> Answer:
        count = len(inputs) if isinstance(inputs, list) else 1
        length = self._random.randint(1, 4)
        vectors = [
            self._documents.named(
                "Embedding", index=at, embedding=[self._random.gauss() for _ in range(length)]
            )
            for at in range(count)
        ]
        self._random.shuffle(vectors)
        return _whole(self._documents.named("CreateEmbeddingResponse", data=vectors))

    def _streamed(self, name: str, choice: str) -> Answer:
        """Chunks, a finish reason, usage and `[DONE]`. Optional parts are sometimes left out."""
        events = [
            self._event(name, choice, finish_reason=None, **new)
            for new in self._changing_fields(choice)
        ]
        if not self._rarely(_FAILED_LATE):
            events.append(self._event(name, choice, **self._reason()))
        if self._random.random() < 0.7:
            usage = self._documents.named("CompletionUsage")
            events.append(self._documents.named(name, choices=[], usage=usage, error=...))
        if self._rarely(_FAILED_LATE):
            events.append(self._documents.named(name, error=self._documents.anything()))
        pieces = [b"data: " + msgspec.json.encode(event) + b"\n\n" for event in events]
        if self._random.random() < _FAILED_LATE:
            pieces.insert(0, b": a comment\n\n")
        broken = self._rarely(_FAILED_LATE)
        if not broken and not self._rarely(_FAILED_LATE):
            pieces.append(_ENDED)
        return Answer(200, {"content-type": "text/event-stream"}, pieces, broken)

    def _changing_fields(self, choice: str) -> list[dict[str, Any]]:
        """The changing fields of each event: typical output, or anything the schema allows."""
        count = self._random.randint(0, 6)
        if choice == "CompletionChoice" or self._random.random() < _ODD:
            return [{} for _ in range(count)]
        deltas = [{self._random.choice(_TEXT_FIELDS): self._documents.text()} for _ in range(count)]
        if self._random.random() < _CALLS:
            deltas += self._call_in_fragments()
        return [{"delta": delta} for delta in deltas]

    def _call_in_fragments(self) -> list[dict[str, Any]]:
        whole = msgspec.json.encode({"city": self._documents.text()}).decode()
        cut = self._random.randint(0, len(whole))
        first = {"index": 0, "id": "call_1", "type": "function"}
        return [
            {"tool_calls": [first | {"function": {"name": "get_weather", "arguments": ""}}]},
            *(
                {"tool_calls": [{"index": 0, "function": {"arguments": part}}]}
                for part in (whole[:cut], whole[cut:])
            ),
        ]

    def _event(self, name: str, choice: str, **given: Any) -> dict[str, Any]:
        piece = self._documents.named(choice, index=0, error=..., **given)
        event: dict[str, Any] = self._documents.named(name, choices=[piece], error=...)
        return event

    def _reason(self) -> dict[str, Any]:
        reasons = _FAILED_REASONS if self._rarely(_REFUSED) else _REASONS
        return {"finish_reason": self._random.choice(reasons)}

    def _error(self) -> Any:
        """The value of an `error` field; `...`, in most cases, omits the field."""
        return self._documents.anything() if self._rarely(_FAILED_LATE) else ...

    def _rarely(self, share: float) -> bool:
        return self._moody and self._random.random() < share


_CHOICES = {
    ("/chat/completions", False): ("CreateChatCompletionResponse", "ChatCompletionChoice"),
    ("/chat/completions", True): (
        "CreateChatCompletionStreamResponse",
        "ChatCompletionStreamChoice",
    ),
    ("/completions", False): ("CreateCompletionResponse", "CompletionChoice"),
    ("/completions", True): ("CreateCompletionResponse", "CompletionChoice"),
}
"""(path, streamed) → the schemas of a response and of its choices."""


def _whole(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    body = msgspec.json.encode(document)
    return Answer(status, {"content-type": "application/json", **(headers or {})}, [body])
