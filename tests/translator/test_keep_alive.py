"""Parsing of `keep_alive`."""

import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ollama_openai_proxy.durations import parse_duration
from ollama_openai_proxy.errors import BadRequest
from ollama_openai_proxy.translator.keep_alive import parse_keep_alive


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        (0, 0),
        (0.0, 0),
        (300, 300),
        (90.5, 90.5),
        (-1, math.inf),
        (-0.5, math.inf),
        ("0", 0),
        ("0s", 0),
        ("-0", 0),
        ("5m", 300),
        ("5m0s", 300),
        ("1h30m", 5400),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("5.s", 5),
        ("+30s", 30),
        ("300ms", 0.3),
        ("2us", 2e-6),
        ("2µs", 2e-6),
        ("2μs", 2e-6),
        ("2ns", 2e-9),
        ("-1m", math.inf),
        ("-1ns", math.inf),
    ],
    ids=repr,
)
def test_keep_alive_is_parsed_as_seconds(value: float | str | None, seconds: float | None) -> None:
    assert parse_keep_alive(value) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("10", 'missing unit in duration "10"'),
        ("-1", 'missing unit in duration "-1"'),
        ("1m5", 'missing unit in duration "1m5"'),
        ("", 'invalid duration ""'),
        ("-", 'invalid duration "-"'),
        (".", 'invalid duration "."'),
        (".s", 'invalid duration ".s"'),
        ("m", 'invalid duration "m"'),
        ("5m.", 'invalid duration "5m."'),
        (" 5m", 'invalid duration " 5m"'),
        ("٣s", 'invalid duration "٣s"'),
        ("5 minutes", 'unknown unit " minutes" in duration "5 minutes"'),
        ("5m ", 'unknown unit "m " in duration "5m "'),
        ("1d", 'unknown unit "d" in duration "1d"'),
        ("5M", 'unknown unit "M" in duration "5M"'),
    ],
    ids=repr,
)
def test_an_invalid_duration_has_gos_error_message(text: str, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_keep_alive(text)
    assert caught.value.message == f"time: {reason}"


@given(st.text() | st.text("0123456789.-+hmsnuµ "))
@settings(max_examples=200)
def test_any_string_is_a_duration_or_a_bad_request(text: str) -> None:
    with suppress(BadRequest):
        assert not math.isnan(parse_keep_alive(text) or 0)


@given(st.integers(0, 100), st.integers(0, 59), st.integers(0, 59))
@settings(max_examples=100)
def test_durations_formatted_by_go_are_parsed(hours: int, minutes: int, seconds: int) -> None:
    expected = hours * 3600 + minutes * 60 + seconds
    assert parse_duration(f"{hours}h{minutes}m{seconds}s") == pytest.approx(expected)
