"""The two APIs as the load generator uses them: requests, and checks of the responses."""

import json
from typing import Any, Protocol

import msgspec

from . import canned
from .load import Response, WrongResponse

_FILLER = "Tell me a story about a fox, a dog and a lazy afternoon by the river. " * 3


def _head(method: str, path: str, length: int) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"content-length: {length}\r\n\r\n"
    ).encode()


def _get(path: str) -> bytes:
    return _head("GET", path, 0)


def _post(path: str, body: dict[str, Any]) -> bytes:
    content = json.dumps(body, separators=(",", ":")).encode()
    return _head("POST", path, len(content)) + content


def _chat(prompt: str, stream: bool) -> dict[str, Any]:
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": prompt + _FILLER},
    ]
    return {"model": canned.MODEL, "messages": messages, "stream": stream}


def _embed(model: str) -> dict[str, Any]:
    passages = [f"passage {index}: {_FILLER}" for index in range(canned.INPUTS)]
    return {"model": model, "input": passages}


RELEASE = _post("/release", {})


class Dialect(Protocol):
    """One API. Its checks raise `WrongResponse`."""

    scales: bool
    """Whether embeddings have to be scaled to length 1."""

    def chat(self, prompt: str = "", *, stream: bool = False) -> bytes: ...
    def embed(self, model: str) -> bytes: ...
    def models(self) -> bytes: ...
    def ping(self) -> bytes:
        """The cheapest request that a started server responds to with 200."""
        ...

    def check_chat(self, response: Response) -> None: ...
    def check_stream(self, response: Response, tokens: int) -> None: ...
    def check_models(self, response: Response, number: int) -> None: ...
    def vectors(self, response: Response) -> list[list[float]]: ...


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


class _OllamaModel(msgspec.Struct):
    name: str


class _OllamaModels(msgspec.Struct):
    models: list[_OllamaModel]


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


class _Model(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: list[_Model]


class _Decoder[T]:
    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)

    def __call__(self, response: Response, part: bytes | None = None) -> T:
        if response.status != 200:
            raise WrongResponse(f"status {response.status}", response.body)
        try:
            return self._decoder.decode(response.body if part is None else part)
        except msgspec.DecodeError as error:
            raise WrongResponse(str(error), response.body) from None


_ollama_chat = _Decoder(_OllamaChat)
_ollama_embed = _Decoder(_OllamaEmbed)
_ollama_models = _Decoder(_OllamaModels)
_completion = _Decoder(_Completion)
_embeddings = _Decoder(_Embeddings)
_models = _Decoder(_Models)


def require(right: bool, why: str, response: Response) -> None:
    if not right:
        raise WrongResponse(why, response.body)


def _require_models(names: list[str], number: int, response: Response) -> None:
    expected = sorted(canned.model_ids(number))
    found = sorted(name.removesuffix(":latest") for name in names)
    require(found == expected, f"{len(found)} models instead of the {number} of the list", response)


def _require_tokens(contents: list[str | None], tokens: int, response: Response) -> None:
    found = [content for content in contents if content]
    expected = [canned.token(index) for index in range(tokens)]
    require(found == expected, f"{len(found)} tokens instead of {tokens}", response)


def _require_usage(completion: _Completion, tokens: int, response: Response) -> None:
    right = completion.usage == _Usage(canned.PROMPT_TOKENS, tokens)
    require(right, f"usage {completion.usage}", response)


class Ollama:
    scales = True

    def chat(self, prompt: str = "", *, stream: bool = False) -> bytes:
        return _post("/api/chat", _chat(prompt, stream))

    def embed(self, model: str) -> bytes:
        return _post("/api/embed", _embed(model))

    def models(self) -> bytes:
        return _get("/api/tags")

    def ping(self) -> bytes:
        return _get("/api/version")

    def check_chat(self, response: Response) -> None:
        chat = _ollama_chat(response)
        require(chat.message.content == canned.CHAT, "wrong content", response)
        self._check_end(chat, canned.CHAT_TOKENS, response)

    def check_stream(self, response: Response, tokens: int) -> None:
        lines = [_ollama_chat(response, line) for line in response.body.splitlines()]
        _require_tokens([line.message.content for line in lines], tokens, response)
        require(not any(line.done for line in lines[:-1]), "a final line before the end", response)
        self._check_end(lines[-1], tokens, response)

    def _check_end(self, chat: _OllamaChat, tokens: int, response: Response) -> None:
        end = (chat.done, chat.done_reason, chat.prompt_eval_count, chat.eval_count)
        expected = (True, "stop", canned.PROMPT_TOKENS, tokens)
        require(end == expected, f"ends with {end} instead of {expected}", response)

    def check_models(self, response: Response, number: int) -> None:
        names = [model.name for model in _ollama_models(response).models]
        _require_models(names, number, response)

    def vectors(self, response: Response) -> list[list[float]]:
        return _ollama_embed(response).embeddings


class OpenAI:
    scales = False

    def chat(self, prompt: str = "", *, stream: bool = False) -> bytes:
        return _post("/v1/chat/completions", _chat(prompt, stream))

    def embed(self, model: str) -> bytes:
        return _post("/v1/embeddings", _embed(model))

    def models(self) -> bytes:
        return _get("/v1/models")

    def ping(self) -> bytes:
        return self.models()

    def check_chat(self, response: Response) -> None:
        completion = _completion(response)
        contents = [choice.message.content for choice in completion.choices]
        require(contents == [canned.CHAT], "wrong content", response)
        require(completion.choices[0].finish_reason == "stop", "wrong finish_reason", response)
        _require_usage(completion, canned.CHAT_TOKENS, response)

    def check_stream(self, response: Response, tokens: int) -> None:
        require(response.status == 200, f"status {response.status}", response)
        end = b"data: [DONE]\n\n"
        require(response.body.endswith(end), "no [DONE] at the end", response)
        events = response.body.removesuffix(end).split(b"\n\n")[:-1]
        chunks = [_completion(response, event.removeprefix(b"data: ")) for event in events]
        _require_usage(chunks[-1], tokens, response)
        deltas = [choice.delta.content for chunk in chunks for choice in chunk.choices]
        _require_tokens(deltas, tokens, response)

    def check_models(self, response: Response, number: int) -> None:
        _require_models([model.id for model in _models(response).data], number, response)

    def vectors(self, response: Response) -> list[list[float]]:
        return [item.embedding for item in _embeddings(response).data]
