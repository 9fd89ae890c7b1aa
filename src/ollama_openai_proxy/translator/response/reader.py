"""Conversion of one backend response, streamed or not, to text, reasoning and tool calls."""

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


# finish_reason of a failed response: OpenRouter and Mistral; SGLang and vLLM; DeepSeek
_FAILURES = {
    "error": "the backend failed while generating the response",
    "abort": "the backend aborted the response",
    "insufficient_system_resource": (
        "the backend ran out of resources while generating the response"
    ),
}
# finish_reason if the token limit was reached: OpenAI; Mistral
_LENGTHS = ("length", "model_length")


class CompletionReader:
    """Incremental reader of one response.

    Call `receive` for each event, or `receive_whole` once, then `close`. Tool calls are returned
    when they are complete. After `close`, `done_reason`, `usage`, `timings` and `deltas` (the
    number of deltas with content) are final.
    """

    def __init__(
        self,
        thinking: bool = True,
        *,
        tags: bool = True,
        stops: tuple[str, ...] = (),
        names: Mapping[str, str] = NO_NAMES,
    ) -> None:
        """Create a reader.

        `thinking`: whether the client receives reasoning. `tags`: whether to parse think tags in
        the text; ignored without `thinking`. `stops`: stop sequences that the backend does not
        check. `names`: function names sent to the backend → the client's names.
        """
        self._show_thinking = thinking
        self._filter: OutputFilter | None = None
        if stops or (tags and thinking):
            splitter = TagSplitter() if tags and thinking else None
            self._filter = OutputFilter(splitter, StopScanner(stops) if stops else None)
        self._calls = CallAssembler(names)
        self._finish_reason: str | None = None
        self._id = ""
        self._has_content = False
        self.usage: openai.CompletionUsage | None = None
        self.timings: openai.Timings | None = None
        self.deltas = 0
        self.stopped = False
        """Whether one of `stops` was found. The rest of the response is ignored."""

    @property
    def done_reason(self) -> str:
        """Ollama's `done_reason`: "length" or "stop". Ollama uses "stop" for tool calls as well."""
        return "length" if self._finish_reason in _LENGTHS and not self.stopped else "stop"

    def receive(self, chunk: openai.CreateChatCompletionStreamResponse) -> list[Part]:
        """The parts in the next event. Raises BackendRefused if it reports an error."""
        self._read_metadata(chunk)
        choices = chunk.choices
        if not choices:
            return []
        return self._parts(choices[0], choices[0].delta, whole=False)

    def receive_whole(self, completion: openai.CreateChatCompletionResponse) -> list[Part]:
        """The parts of a complete response.

        Raises BackendRefused if it reports an error and BackendViolation if it has no choices.
        """
        self._read_metadata(completion)
        if not completion.choices:
            raise BackendViolation("the backend returned a completion without choices")
        choice = completion.choices[0]
        self._finish_reason = "stop"
        return self._parts(choice, choice.message, whole=True)

    def close(self, done: bool) -> list[Part]:
        """The last parts. `done` is whether the backend marked the end of its stream (`[DONE]`).

        Raises BackendViolation if the stream is incomplete or empty, and BackendRefused if the
        backend reported a failure or withheld the response.
        """
        if self.stopped:
            return []
        parts: list[Part] = self._filter.close() if self._filter is not None else []
        parts += self._calls.close(self._id)
        reason = self._finish_reason
        if reason in _FAILURES:
            raise BackendRefused(_FAILURES[reason], 502)
        has_content = self._has_content or bool(parts)
        if reason == "content_filter" and not has_content:
            raise BackendRefused("the backend's content filter blocked the response", 400)
        if reason is None and not done:
            raise BackendViolation("the backend closed the stream before the response was complete")
        if reason is None and not has_content:
            raise BackendViolation(
                "the backend sent an empty stream; the prompt may exceed its context"
            )
        return parts

    def _read_metadata(
        self,
        response: openai.CreateChatCompletionStreamResponse | openai.CreateChatCompletionResponse,
    ) -> None:
        if response.error:
            raise _failure(response.error)
        if response.usage is not None:
            self.usage = response.usage
        elif response.x_groq is not None:
            self._read_groq(response.x_groq)
        if response.timings is not None:
            self.timings = response.timings
        if response.id:
            self._id = response.id

    def _read_groq(self, extension: openai.XGroq) -> None:
        if extension.error:
            raise _failure(extension.error)
        self.usage = extension.usage or self.usage

    def _parts(self, choice: _Choice, delta: _Delta | None, whole: bool) -> list[Part]:
        if choice.error:
            raise _failure(choice.error)
        parts = self._read_delta(delta, choice.logprobs) if delta is not None else []
        if parts:
            self._has_content = True
            if self._filter is not None:
                parts = self._filtered(self._filter, parts)
        if delta is not None and delta.tool_calls:
            for fragment in delta.tool_calls:
                self._calls.receive(fragment, whole)
        if choice.finish_reason:  # after the delta: some backends send both in one event
            self._finish_reason = choice.finish_reason
            self._finish(parts)
        return parts

    def _filtered(self, output_filter: OutputFilter, parts: list[Part]) -> list[Part]:
        parts = output_filter.receive(parts)
        self.stopped = output_filter.stopped
        if output_filter.passing:
            self._filter = None
        return parts

    def _finish(self, parts: list[Part]) -> None:
        """Add the buffered text to `parts`, and then the tool calls."""
        if self.stopped:
            return
        if self._filter is not None:
            parts += self._filter.close()
        calls = self._calls.close(self._id)
        self._has_content = self._has_content or bool(calls)
        parts += calls

    def _read_delta(
        self, delta: _Delta, logprobs: openai.ChatCompletionLogprobs | None
    ) -> list[Part]:
        content = delta.content
        thinking = reasoning_in(delta)
        if isinstance(content, list):
            nested, content = split_fragments(content)
            thinking += nested
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
        self._has_content = self._has_content or bool(thinking)
        return parts


def _failure(error: Any) -> BackendRefused:
    return reported_error({"error": error}) or BackendRefused("the backend reported an error", 502)
