"""Token counts and durations of a response, as Ollama reports them."""

from typing import NamedTuple

from ..integers import integer
from .reader import CompletionReader


class Times(NamedTuple):
    """Times in ns since the client's request was received.

    `sent_at`: the request was sent to the backend. `first`, `last`: the first and last part of a
    stream were received; None if there were none or the response is not streamed. `ended`: the
    response was complete.
    """

    sent_at: int
    first: int | None
    last: int | None
    ended: int


class Counters(NamedTuple):
    """Durations in ns and counts in tokens.

    All values are at least 1, since clients divide by them and several fail if one is missing.
    """

    total_duration: int
    load_duration: int
    prompt_eval_count: int
    prompt_eval_duration: int
    eval_count: int
    eval_duration: int


def counters(reader: CompletionReader, times: Times) -> Counters:
    """The statistics of the last line.

    Token counts are those that the backend reports, otherwise the number of deltas. Durations are
    those that the backend reports (llama.cpp, Groq), otherwise they are measured: until the first
    part of the stream, and from there to the last. Without a stream the whole duration counts as
    `eval_duration`, so that a token rate computed from it is never too high.
    """
    prompt, generated = _counts(reader)
    prompt_ns, eval_ns = _reported_durations(reader) or _measured_durations(times)
    return Counters(
        total_duration=max(times.ended, 1),
        load_duration=max(times.sent_at, 1),
        prompt_eval_count=max(prompt, 1),
        prompt_eval_duration=max(prompt_ns, 1),
        eval_count=max(generated, 1),
        eval_duration=max(eval_ns, 1),
    )


def _counts(reader: CompletionReader) -> tuple[int, int]:
    usage, timings = reader.usage, reader.timings
    if usage is not None and (usage.prompt_tokens or usage.completion_tokens):
        prompt = integer(usage.prompt_tokens or 0)
        generated = integer(usage.completion_tokens or 0)
        # xAI counts reasoning tokens in total_tokens but not in completion_tokens.
        return prompt, integer(max(generated, integer(usage.total_tokens or 0) - prompt))
    if timings is not None and timings.predicted_n:
        # prompt_n does not include cached tokens.
        prompt = integer((timings.prompt_n or 0) + (timings.cache_n or 0))
        return prompt, integer(timings.predicted_n)
    return 0, reader.deltas


def _reported_durations(reader: CompletionReader) -> tuple[int, int] | None:
    timings, usage = reader.timings, reader.usage
    if timings is not None and timings.predicted_ms:
        return integer((timings.prompt_ms or 0) * 1e6), integer(timings.predicted_ms * 1e6)
    if usage is not None and usage.completion_time:
        return integer((usage.prompt_time or 0) * 1e9), integer(usage.completion_time * 1e9)
    return None


def _measured_durations(times: Times) -> tuple[int, int]:
    if times.first is None or times.last is None:
        return 1, times.ended - times.sent_at - 1
    return times.first - times.sent_at, times.last - times.first
