"""What an answer cost: token counts and durations, as Ollama reports them."""

from typing import NamedTuple

from ..integers import integer
from .reader import CompletionReader


class Times(NamedTuple):
    """When things happened, in ns since the request came in; None for what was not seen.

    `asked`: the backend was sent the request. `first`, `last`: pieces of the answer came.
    """

    asked: int
    first: int | None
    last: int | None
    ended: int


class Counters(NamedTuple):
    """Durations in ns, counts in tokens; none is below 1, since clients divide by them and
    several fail where one is missing."""

    total_duration: int
    load_duration: int
    prompt_eval_count: int
    prompt_eval_duration: int
    eval_count: int
    eval_duration: int


def counters(reader: CompletionReader, times: Times) -> Counters:
    """The last line's numbers.

    Counts are the backend's; where it gives none, the pieces of text count. Durations are the
    backend's own where it sends them (llama.cpp, Groq), else measured: to the first piece, and
    from there to the last. A whole answer without them cannot be taken apart: all of it counts as
    `eval_duration`, so that a rate made from it is never too good.
    """
    prompt, generated = _counts(reader)
    prompt_ns, eval_ns = _reported_durations(reader) or _measured_durations(times)
    return Counters(
        total_duration=max(times.ended, 1),
        load_duration=max(times.asked, 1),
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
        # xAI leaves thoughts out of completion_tokens, but not out of the total.
        return prompt, integer(max(generated, integer(usage.total_tokens or 0) - prompt))
    if timings is not None and timings.predicted_n:
        # prompt_n leaves out what the cache held.
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
        return 1, times.ended - times.asked - 1
    return times.first - times.asked, times.last - times.first
