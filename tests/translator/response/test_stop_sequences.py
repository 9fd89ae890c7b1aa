"""Stops that are found here."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ollama_openai_proxy.translator.response.stop_sequences import StopScanner

STOPS = st.lists(st.text("ab<", min_size=1, max_size=4), min_size=1, max_size=6).map(tuple)
TEXTS = st.text("ab<c", max_size=20)


def scanned(stops: tuple[str, ...], *pieces: str) -> tuple[str, bool]:
    scanner = StopScanner(stops)
    text = "".join(map(scanner.receive, pieces))
    return text + scanner.close(), scanner.stopped


@pytest.mark.parametrize(
    ("stops", "text", "given_"),
    [
        (("END",), "one END two", ("one ", True)),
        (("END", "STOP"), "one STOP two END", ("one ", True)),
        (("abcd", "bc"), "xabcd", ("xa", True)),
        (("bc", "abc"), "xabc", ("x", True)),
        (("END",), "one EN", ("one EN", False)),
        (("aab",), "aaab", ("a", True)),
        (("\n\n",), "a\nb\n\nc", ("a\nb", True)),
        (("x",), "", ("", False)),
    ],
    ids=repr,
)
def test_an_answer_ends_before_the_stop_that_is_complete_first(
    stops: tuple[str, ...], text: str, given_: tuple[str, bool]
) -> None:
    assert scanned(stops, text) == given_
    assert scanned(stops, *text) == given_


@given(STOPS, TEXTS, st.lists(st.integers(0, 20), max_size=6))
def test_cut_anywhere_an_answer_stops_alike(
    stops: tuple[str, ...], text: str, cuts: list[int]
) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert scanned(stops, *pieces) == scanned(stops, text)


@given(STOPS, TEXTS)
def test_what_is_given_is_the_beginning_and_holds_no_stop(
    stops: tuple[str, ...], text: str
) -> None:
    given_, stopped = scanned(stops, *text)
    assert text.startswith(given_)
    assert not any(stop in given_ for stop in stops)
    assert stopped is any(stop in text for stop in stops)
    assert stopped or given_ == text


@given(STOPS, TEXTS)
def test_only_what_may_become_a_stop_is_held_back(stops: tuple[str, ...], text: str) -> None:
    scanner = StopScanner(stops)
    for character in text:
        scanner.receive(character)
    held = scanner.close()
    assert not held or any(stop.startswith(held) for stop in stops)


def test_nothing_comes_after_a_stop() -> None:
    scanner = StopScanner(("x",))
    assert scanner.receive("axb") == "a"
    assert (scanner.receive("c"), scanner.close()) == ("", "")
