"""Construction of Ollama's response messages, for chat and for generate."""

from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
from ollama_openai_proxy_models import ollama, openai

from ..context import Conversation, pack
from . import logprobs
from .parts import Logprobs, Part, Text, Thinking
from .usage import Counters


class ResponseWriter(Protocol):
    """The response format of one operation.

    `at` is in ns since the request was received. Fields without a value are left out, never null
    or empty, and only the last line has counters: clients fail otherwise.
    """

    def line(self, part: Part, at: int) -> msgspec.Struct:
        """One line of a stream."""

    def last(self, done_reason: str, counters: Counters, at: int) -> msgspec.Struct:
        """The last line of a stream, with the counters and without text."""

    def whole(
        self, parts: list[Part], done_reason: str, counters: Counters, at: int
    ) -> msgspec.Struct:
        """The complete response as one object."""


class Timestamps:
    """Values of `created_at`. `began` is in ns since 1970.

    The parts of one network read share one time, so the last value is cached.
    """

    def __init__(self, began: int) -> None:
        self._began = began
        self._at = -1
        self._stamp = datetime.fromtimestamp(0, UTC)

    def at(self, at: int) -> datetime:
        """The UTC time `at` ns after `began`, with µs precision."""
        if at != self._at:
            self._at = at
            self._stamp = datetime.fromtimestamp((self._began + at) / 1e9, UTC)
        return self._stamp


class ChatWriter:
    """Responses of /api/chat.

    `model` is the name that the client sent. `began` is the time of the request, in ns since 1970.
    """

    def __init__(self, model: str, began: int, top_logprobs: int = 0) -> None:
        self._model = model
        self._stamps = Timestamps(began)
        self._top = top_logprobs

    def line(self, part: Part, at: int) -> ollama.ChatResponse:
        if isinstance(part, Text):
            message = ollama.AssistantMessage(role="assistant", content=part.text)
        elif isinstance(part, Thinking):
            message = ollama.AssistantMessage(role="assistant", content="", thinking=part.text)
        else:
            message = ollama.AssistantMessage(role="assistant", content="", tool_calls=[part])
        response = ollama.ChatResponse(
            model=self._model,
            created_at=self._stamps.at(at),
            message=message,
            done=False,
        )
        if not isinstance(part, ollama.ToolCall) and part.logprobs:
            _add_logprobs(response, part.logprobs, self._top)
        return response

    def last(self, done_reason: str, counters: Counters, at: int) -> ollama.ChatResponse:
        message = ollama.AssistantMessage(role="assistant", content="")
        return self._done(message, done_reason, counters, at)

    def whole(
        self, parts: list[Part], done_reason: str, counters: Counters, at: int
    ) -> ollama.ChatResponse:
        text, thinking, calls, entries = _joined(parts)
        message = ollama.AssistantMessage(role="assistant", content=text)
        if thinking:
            message.thinking = thinking
        if calls:
            message.tool_calls = calls
        response = self._done(message, done_reason, counters, at)
        _add_logprobs(response, entries, self._top)
        return response

    def idle(self, done_reason: str, at: int) -> ollama.ChatResponse:
        """The response to a request that only loads or unloads a model, without counters."""
        return ollama.ChatResponse(
            model=self._model,
            created_at=self._stamps.at(at),
            message=ollama.AssistantMessage(role="assistant", content=""),
            done=True,
            done_reason=done_reason,  # type: ignore[arg-type]
        )

    def rendered(self, info: ollama.DebugInfo, at: int) -> ollama.ChatResponse:
        """The response to a request with `_debug_render_only`."""
        return ollama.ChatResponse(
            model=self._model,
            created_at=self._stamps.at(at),
            message=ollama.AssistantMessage(role="", content=""),
            done=False,
            field_debug_info=info,
        )

    def _done(
        self, message: ollama.AssistantMessage, done_reason: Any, counters: Counters, at: int
    ) -> ollama.ChatResponse:
        return ollama.ChatResponse(
            model=self._model,
            created_at=self._stamps.at(at),
            message=message,
            done=True,
            done_reason=done_reason,
            **counters._asdict(),
        )


class GenerateWriter:
    """Responses of /api/generate.

    `earlier` is the conversation before `prompt`. The last line contains it, with the prompt and
    the response, as `context`. If it is None, `context` is left out. For the other parameters see
    ChatWriter.
    """

    def __init__(
        self,
        model: str,
        began: int,
        top_logprobs: int = 0,
        earlier: Conversation | None = None,
        prompt: str = "",
    ) -> None:
        self._model = model
        self._stamps = Timestamps(began)
        self._top = top_logprobs
        self._earlier = earlier
        self._prompt = prompt
        self._texts: list[str] = []

    def line(self, part: Part, at: int) -> ollama.GenerateResponse:
        if isinstance(part, Text):
            self._texts.append(part.text)
        response = ollama.GenerateResponse(
            model=self._model,
            created_at=self._stamps.at(at),
            response=part.text if isinstance(part, Text) else "",
            done=False,
        )
        if isinstance(part, Thinking):
            response.thinking = part.text
        elif not isinstance(part, Text):
            response.tool_calls = [part]
        if not isinstance(part, ollama.ToolCall) and part.logprobs:
            _add_logprobs(response, part.logprobs, self._top)
        return response

    def last(self, done_reason: str, counters: Counters, at: int) -> ollama.GenerateResponse:
        return self._done("", "".join(self._texts), done_reason, counters, at)

    def whole(
        self, parts: list[Part], done_reason: str, counters: Counters, at: int
    ) -> ollama.GenerateResponse:
        text, thinking, calls, entries = _joined(parts)
        response = self._done(text, text, done_reason, counters, at)
        if thinking:
            response.thinking = thinking
        if calls:
            response.tool_calls = calls
        _add_logprobs(response, entries, self._top)
        return response

    def idle(self, done_reason: str, at: int) -> ollama.GenerateResponse:
        """See ChatWriter.idle."""
        return ollama.GenerateResponse(
            model=self._model,
            created_at=self._stamps.at(at),
            response="",
            done=True,
            done_reason=done_reason,  # type: ignore[arg-type]
        )

    def rendered(self, info: ollama.DebugInfo, at: int) -> ollama.GenerateResponse:
        """See ChatWriter.rendered."""
        return ollama.GenerateResponse(
            model=self._model,
            created_at=self._stamps.at(at),
            response="",
            done=False,
            field_debug_info=info,
        )

    def _done(
        self, text: str, full_text: str, done_reason: Any, counters: Counters, at: int
    ) -> ollama.GenerateResponse:
        response = ollama.GenerateResponse(
            model=self._model,
            created_at=self._stamps.at(at),
            response=text,
            done=True,
            done_reason=done_reason,
            **counters._asdict(),
        )
        if self._earlier is not None:
            exchanges = (*self._earlier.exchanges, (self._prompt, full_text))
            response.context = pack(Conversation(self._earlier.system, exchanges))
        return response


def _joined(parts: list[Part]) -> tuple[str, str, list[ollama.ToolCall], Logprobs]:
    texts: list[str] = []
    reasoning: list[str] = []
    calls: list[ollama.ToolCall] = []
    entries: list[openai.ChatCompletionTokenLogprob] = []
    for part in parts:
        if isinstance(part, ollama.ToolCall):
            calls.append(part)
            continue
        (texts if isinstance(part, Text) else reasoning).append(part.text)
        entries += part.logprobs or []
    return "".join(texts), "".join(reasoning), calls, entries or None


def _add_logprobs(
    response: ollama.ChatResponse | ollama.GenerateResponse, entries: Logprobs, top: int
) -> None:
    if entries:
        response.logprobs = logprobs.ollama_logprobs(entries, top)
