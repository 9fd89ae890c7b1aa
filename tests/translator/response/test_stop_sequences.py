"""Stop sequences that the proxy detects itself."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ollama_openai_proxy.translator.response.stop_sequences import StopScanner

STOPS = st.lists(st.text("ab<", min_size=1, max_size=4), min_size=1, max_size=6).map(tuple)
TEXTS = st.text("ab<c", max_size=20)


def scanned(stops: tuple[str, ...], *chunks: str) -> tuple[str, bool]:
    scanner = StopScanner(stops)
    text = "".join(map(scanner.receive, chunks))
    return text + scanner.close(), scanner.stopped


@pytest.mark.parametrize(
    ("stops", "text", "expected"),
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
def test_the_text_ends_before_the_first_complete_stop(
    stops: tuple[str, ...], text: str, expected: tuple[str, bool]
) -> None:
    assert scanned(stops, text) == expected
    assert scanned(stops, *text) == expected


@given(STOPS, TEXTS, st.lists(st.integers(0, 20), max_size=6))
def test_the_result_does_not_depend_on_how_the_text_is_split(
    stops: tuple[str, ...], text: str, cuts: list[int]
) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    chunks = [text[a:b] for a, b in pairwise(places)]
    assert scanned(stops, *chunks) == scanned(stops, text)


@given(STOPS, TEXTS)
def test_the_output_is_a_prefix_without_a_stop(stops: tuple[str, ...], text: str) -> None:
    output, stopped = scanned(stops, *text)
    assert text.startswith(output)
    assert not any(stop in output for stop in stops)
    assert stopped is any(stop in text for stop in stops)
    assert stopped or output == text


@given(STOPS, TEXTS)
def test_only_a_possible_stop_is_buffered(stops: tuple[str, ...], text: str) -> None:
    scanner = StopScanner(stops)
    for character in text:
        scanner.receive(character)
    buffered = scanner.close()
    assert not buffered or any(stop.startswith(buffered) for stop in stops)


def test_nothing_is_returned_after_a_stop() -> None:
    scanner = StopScanner(("x",))
    assert scanner.receive("axb") == "a"
    assert (scanner.receive("c"), scanner.close()) == ("", "")
