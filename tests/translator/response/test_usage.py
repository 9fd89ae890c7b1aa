"""Token counts and durations."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.translator.response.reader import CompletionReader
from ollama_openai_proxy.translator.response.usage import Counters, Times, counters

MS = 1_000_000
TIMES = Times(sent_at=2 * MS, first=12 * MS, last=62 * MS, ended=70 * MS)


def counters_for(
    usage: dict[str, Any] | None = None,
    timings: dict[str, Any] | None = None,
    times: Times = TIMES,
    deltas: int = 0,
) -> Counters:
    reader = CompletionReader()
    reader.deltas = deltas
    reader.usage = None if usage is None else msgspec.convert(usage, openai.CompletionUsage)
    reader.timings = None if timings is None else msgspec.convert(timings, openai.Timings)
    return counters(reader, times)


@pytest.mark.parametrize(
    ("usage", "timings", "counts"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}, None, (9, 2)),
        ({"prompt_tokens": 9, "completion_tokens": 2}, None, (9, 2)),
        ({"prompt_tokens": 261, "completion_tokens": 26, "total_tokens": 513}, None, (261, 252)),
        ({"prompt_tokens": 9.0, "completion_tokens": 2.0}, {"predicted_n": 5}, (9, 2)),
        (None, {"prompt_n": 3, "cache_n": 6, "predicted_n": 2}, (9, 2)),
        ({"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_n": 9, "predicted_n": 2}, (9, 2)),
        (None, None, (1, 7)),
        ({}, None, (1, 7)),
    ],
    ids=[
        "usage", "no total", "xAI omits reasoning tokens", "usage before timings", "llama.cpp's cache",
        "zero usage", "missing: deltas are counted", "an empty object",
    ],
)  # fmt: skip
def test_token_counts_come_from_usage_timings_or_deltas(
    usage: Any, timings: Any, counts: tuple[int, int]
) -> None:
    counted = counters_for(usage, timings, deltas=7)
    assert (counted.prompt_eval_count, counted.eval_count) == counts


@pytest.mark.parametrize(
    ("usage", "timings", "durations"),
    [
        (None, {"prompt_ms": 5.5, "predicted_ms": 40}, (5_500_000, 40 * MS)),
        ({"prompt_time": 0.005, "completion_time": 0.04}, None, (5 * MS, 40 * MS)),
        ({"prompt_tokens": 1}, None, (10 * MS, 50 * MS)),
        (None, {"predicted_n": 3}, (10 * MS, 50 * MS)),
    ],
    ids=["llama.cpp", "Groq", "measured", "measured, with counts"],
)
def test_durations_are_reported_or_measured(
    usage: Any, timings: Any, durations: tuple[int, int]
) -> None:
    counted = counters_for(usage, timings)
    assert (counted.prompt_eval_duration, counted.eval_duration) == durations


def test_the_total_duration_is_from_the_request_to_the_end() -> None:
    assert (counters_for().total_duration, counters_for().load_duration) == (70 * MS, 2 * MS)


def test_the_time_of_a_whole_response_counts_as_evaluation() -> None:
    counted = counters_for(times=Times(sent_at=2 * MS, first=None, last=None, ended=70 * MS))
    assert counted.prompt_eval_duration + counted.eval_duration == 68 * MS
    assert counted.eval_duration > 67 * MS


NUMBER = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
USAGE = ["prompt_tokens", "completion_tokens", "total_tokens", "prompt_time", "completion_time"]
TIMINGS = ["prompt_n", "cache_n", "predicted_n", "prompt_ms", "predicted_ms"]


@given(
    st.none() | st.dictionaries(st.sampled_from(USAGE), NUMBER),
    st.none() | st.dictionaries(st.sampled_from(TIMINGS), NUMBER),
    st.lists(st.integers(0, 10**12), min_size=4, max_size=4).map(sorted),
    st.booleans(),
)
@settings(max_examples=200)
def test_every_number_is_positive_and_fits_64_bits(
    usage: Any, timings: Any, times: list[int], seen: bool
) -> None:
    asked, first, last, ended = times
    counted = counters_for(
        usage, timings, Times(asked, first if seen else None, last if seen else None, ended)
    )
    assert all(isinstance(value, int) and 1 <= value < 2**63 for value in counted)
