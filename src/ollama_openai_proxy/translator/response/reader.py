"""One answer of a backend, streamed or whole → what it says, piece by piece."""

from collections.abc import Mapping
from typing import Any

from ollama_openai_proxy_models import openai

from ...backend_errors import reported_error
from ...errors import BackendRefused, BackendViolation
from ..request.tool_names import NO_NAMES
from .filter import OutputFilter
from .parts import Part, Text, Thinking
from .reasoning import reasoning_in, split_fragments
from .stop_sequences import StopScanner
from .think_tags import TagSplitter
from .tool_calls import CallAssembler

type _Delta = openai.ChatCompletionStreamDelta | openai.ChatCompletionMessage
type _Choice = openai.ChatCompletionStreamChoice | openai.ChatCompletionChoice


# finish_reason of an answer that failed: OpenRouter and Mistral; SGLang and vLLM; DeepSeek
_FAILURES = {
    "error": "the backend failed while answering",
    "abort": "the backend aborted the answer",
    "insufficient_system_resource": "the backend ran out of resources while answering",
}
_LENGTHS = ("length", "model_length")


class CompletionReader:
    """Reads one answer; `receive` takes its events in order, `close` says that it has ended.

    Calls are given whole, once nothing more can be added to them. Afterwards `done_reason`,
    `usage`, `timings` and `deltas` (how many pieces of text came) tell the rest.
    """

    def __init__(
        self,
        thinking: bool = True,
        *,
        tags: bool = True,
        stops: tuple[str, ...] = (),
        names: Mapping[str, str] = NO_NAMES,
    ) -> None:
        """`tags`: thoughts may stand between tags, unless they are not wanted. `stops`: those that
        are to be found here. `names`: a function's name at the backend → its own."""
        self._show_thinking = thinking
        self._sieve: OutputFilter | None = None
        if stops or (tags and thinking):
            splitter = TagSplitter() if tags and thinking else None
            self._sieve = OutputFilter(splitter, StopScanner(stops) if stops else None)
        self._calls = CallAssembler(names)
        self._finish_reason: str | None = None
        self._id = ""
        self._said_anything = False
        self.usage: openai.CompletionUsage | None = None
        self.timings: openai.Timings | None = None
        self.deltas = 0
        self.stopped = False
        """Whether one of `stops` has come: nothing more will."""

    @property
    def done_reason(self) -> str:
        """Ollama's word for why it ended: `length`, else `stop`, also for calls."""
        return "length" if self._finish_reason in _LENGTHS and not self.stopped else "stop"

    def receive(self, chunk: openai.CreateChatCompletionStreamResponse) -> list[Part]:
        """The pieces in the next event. Raises BackendRefused for one that reports an error."""
        self._read_rest(chunk)
        choices = chunk.choices
        if not choices:
            return []
        return self._parts(choices[0], choices[0].delta, whole=False)

    def receive_whole(self, completion: openai.CreateChatCompletionResponse) -> list[Part]:
        """The pieces of an answer that came in one."""
        self._read_rest(completion)
        if not completion.choices:
            raise BackendViolation("the backend's answer has no choices")
        choice = completion.choices[0]
        self._finish_reason = "stop"
        return self._parts(choice, choice.message, whole=True)

    def close(self, done: bool) -> list[Part]:
        """The last pieces. `done` says that the backend marked the end of its stream (`[DONE]`).

        Raises BackendViolation for a stream that broke off, BackendRefused for one that failed.
        """
        if self.stopped:
            return []
        parts: list[Part] = self._sieve.close() if self._sieve is not None else []
        parts += self._calls.close(self._id)
        reason = self._finish_reason
        if reason in _FAILURES:
            raise BackendRefused(_FAILURES[reason], 502)
        said_anything = self._said_anything or bool(parts)
        if reason == "content_filter" and not said_anything:
            raise BackendRefused("the backend's content filter withheld the answer", 400)
        if reason is None and not done:
            raise BackendViolation("the backend closed the stream before the answer was complete")
        if reason is None and not said_anything:
            raise BackendViolation(
                "the backend sent an empty stream; the prompt may exceed its context"
            )
        return parts

    def _read_rest(
        self,
        answer: openai.CreateChatCompletionStreamResponse | openai.CreateChatCompletionResponse,
    ) -> None:
        if answer.error:
            raise _failure(answer.error)
        if answer.usage is not None:
            self.usage = answer.usage
        elif answer.x_groq is not None:
            self._read_groq(answer.x_groq)
        if answer.timings is not None:
            self.timings = answer.timings
        if answer.id:
            self._id = answer.id

    def _read_groq(self, extension: openai.XGroq) -> None:
        if extension.error:
            raise _failure(extension.error)
        self.usage = extension.usage or self.usage

    def _parts(self, choice: _Choice, delta: _Delta | None, whole: bool) -> list[Part]:
        if choice.error:
            raise _failure(choice.error)
        parts = self._said(delta, choice.logprobs) if delta is not None else []
        if parts:
            self._said_anything = True
            if self._sieve is not None:
                parts = self._sifted(self._sieve, parts)
        if delta is not None and delta.tool_calls:
            for fragment in delta.tool_calls:
                self._calls.receive(fragment, whole)
        if choice.finish_reason:  # the delta beside it comes first: some merge the two
            self._finish_reason = choice.finish_reason
            self._finish(parts)
        return parts

    def _sifted(self, sieve: OutputFilter, parts: list[Part]) -> list[Part]:
        parts = sieve.receive(parts)
        self.stopped = sieve.stopped
        if sieve.passing:
            self._sieve = None
        return parts

    def _finish(self, parts: list[Part]) -> None:
        """What waited for the end comes now, the text before the calls."""
        if self.stopped:
            return
        if self._sieve is not None:
            parts += self._sieve.close()
        calls = self._calls.close(self._id)
        self._said_anything = self._said_anything or bool(calls)
        parts += calls

    def _said(self, delta: _Delta, logprobs: openai.ChatCompletionLogprobs | None) -> list[Part]:
        content = delta.content
        thinking = reasoning_in(delta)
        if isinstance(content, list):
            more, content = split_fragments(content)
            thinking += more
        text = content or delta.refusal or ""
        entries = logprobs.content or None if logprobs is not None else None
        if not (text or thinking or entries):
            return []
        self.deltas += 1
        parts: list[Part] = []
        if thinking and self._show_thinking:
            parts.append(Thinking(thinking, entries))
            entries = None
        if text or entries:
            parts.append(Text(text, entries))
        self._said_anything = self._said_anything or bool(thinking)
        return parts


def _failure(error: Any) -> BackendRefused:
    return reported_error({"error": error}) or BackendRefused("the backend reported an error", 502)
