"""The two APIs as the load generator speaks them: requests, and whether an answer is right."""

import json
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from . import canned
from .load import Answer, WrongAnswer

_FILLER = "Tell me a story about a fox, a dog and a lazy afternoon by the river. " * 3


def _post(path: str, body: dict[str, Any]) -> bytes:
    content = json.dumps(body, separators=(",", ":")).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"content-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def _chat(prompt: str, stream: bool) -> dict[str, Any]:
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": _FILLER + prompt},
    ]
    return {"model": canned.MODEL, "messages": messages, "stream": stream}


RELEASE = _post("/release", {})
_EMBED = {
    "model": canned.MODEL,
    "input": [f"passage {index}: {_FILLER}" for index in range(canned.INPUTS)],
}


class Dialect(Protocol):
    """A check raises `WrongAnswer`."""

    def chat(self, prompt: str = "", *, stream: bool = False) -> bytes: ...
    def embed(self) -> bytes: ...
    def check_chat(self, answer: Answer) -> None: ...
    def check_stream(self, answer: Answer, tokens: int) -> None: ...
    def vectors(self, answer: Answer) -> list[list[float]]: ...


class _Message(msgspec.Struct):
    content: str | None = None


class _OllamaChat(msgspec.Struct):
    done: bool
    message: _Message = msgspec.field(default_factory=_Message)
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None


class _OllamaEmbed(msgspec.Struct):
    embeddings: list[list[float]]
    prompt_eval_count: int


class _Usage(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int = 0


class _Choice(msgspec.Struct):
    finish_reason: str | None
    message: _Message = msgspec.field(default_factory=_Message)
    delta: _Message = msgspec.field(default_factory=_Message)


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None


class _Embedding(msgspec.Struct):
    embedding: list[float]


class _Embeddings(msgspec.Struct):
    data: list[_Embedding]


class Decoder[T]:
    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)

    def __call__(self, answer: Answer, part: bytes | None = None) -> T:
        if answer.status != 200:
            raise WrongAnswer(f"status {answer.status}", answer.body)
        try:
            return self._decoder.decode(answer.body if part is None else part)
        except msgspec.DecodeError as error:
            raise WrongAnswer(str(error), answer.body) from None


_ollama_chat = Decoder(_OllamaChat)
_ollama_embed = Decoder(_OllamaEmbed)
_completion = Decoder(_Completion)
_embeddings = Decoder(_Embeddings)


def _require(right: bool, why: str, answer: Answer) -> None:
    if not right:
        raise WrongAnswer(why, answer.body)


def _require_tokens(contents: list[str | None], tokens: int, answer: Answer) -> None:
    found = [content for content in contents if content]
    expected = [canned.token(index) for index in range(tokens)]
    _require(found == expected, f"{len(found)} tokens, not the {tokens} that were sent", answer)


class Ollama:
    def chat(self, prompt: str = "", *, stream: bool = False) -> bytes:
        return _post("/api/chat", _chat(prompt, stream))

    def embed(self) -> bytes:
        return _post("/api/embed", _EMBED)

    def check_chat(self, answer: Answer) -> None:
        chat = _ollama_chat(answer)
        _require(chat.message.content == canned.ANSWER, "another text", answer)
        self._check_end(chat, canned.ANSWER_TOKENS, answer)

    def check_stream(self, answer: Answer, tokens: int) -> None:
        lines = [_ollama_chat(answer, line) for line in answer.body.splitlines()]
        _require_tokens([line.message.content for line in lines], tokens, answer)
        _require(not any(line.done for line in lines[:-1]), "an early end", answer)
        self._check_end(lines[-1], tokens, answer)

    def _check_end(self, chat: _OllamaChat, tokens: int, answer: Answer) -> None:
        end = (chat.done, chat.done_reason, chat.prompt_eval_count, chat.eval_count)
        expected = (True, "stop", canned.PROMPT_TOKENS, tokens)
        _require(end == expected, f"ends with {end}, not {expected}", answer)

    def vectors(self, answer: Answer) -> list[list[float]]:
        return _ollama_embed(answer).embeddings


class OpenAI:
    def chat(self, prompt: str = "", *, stream: bool = False) -> bytes:
        return _post("/v1/chat/completions", _chat(prompt, stream))

    def embed(self) -> bytes:
        return _post("/v1/embeddings", _EMBED)

    def check_chat(self, answer: Answer) -> None:
        contents = [choice.message.content for choice in _completion(answer).choices]
        _require(contents == [canned.ANSWER], "another text", answer)

    def check_stream(self, answer: Answer, tokens: int) -> None:
        _require(answer.status == 200, f"status {answer.status}", answer)
        end = b"data: [DONE]\n\n"
        _require(answer.body.endswith(end), "no [DONE] at the end", answer)
        events = answer.body.removesuffix(end).split(b"\n\n")[:-1]
        chunks = [_completion(answer, event.removeprefix(b"data: ")) for event in events]
        deltas = [choice.delta.content for chunk in chunks for choice in chunk.choices]
        _require_tokens(deltas, tokens, answer)

    def vectors(self, answer: Answer) -> list[list[float]]:
        return [item.embedding for item in _embeddings(answer).data]


class EmbedCheck:
    """Decodes the first answer of a run; the others are to have its length within a little."""

    def __init__(self, vectors: Callable[[Answer], list[list[float]]]) -> None:
        self._vectors = vectors
        self._length = 0

    def __call__(self, answer: Answer) -> None:
        if not self._length:
            sizes = [len(vector) for vector in self._vectors(answer)]
            _require(sizes == [canned.DIMENSIONS] * canned.INPUTS, f"sizes {sizes}", answer)
            self._length = len(answer.body)
        same = answer.status == 200 and abs(len(answer.body) - self._length) < 100
        _require(same, "unlike the first answer", answer)
