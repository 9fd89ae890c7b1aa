"""Reasoning between tags at the start of a response."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ollama_openai_proxy.translator.response.think_tags import TAGS, TagSplitter

FRAGMENTS = st.sampled_from(
    [*TAGS, *TAGS.values(), "<", "<th", "</", "</think", ">", " ", "\n", "a", "b c", "𝄞"]
)
TEXTS = st.lists(FRAGMENTS, max_size=9).map("".join) | st.text(max_size=12)


def split(*chunks: str) -> tuple[str, str]:
    """Return the reasoning and the text."""
    splitter = TagSplitter()
    parts = [part for chunk in chunks for part in splitter.receive(chunk)] + splitter.close()
    assert all(part.text for part in parts)
    flags = [part.is_reasoning for part in parts]
    assert flags == sorted(flags, reverse=True), "reasoning must come before the text"
    return (
        "".join(part.text for part in parts if part.is_reasoning),
        "".join(part.text for part in parts if not part.is_reasoning),
    )


@pytest.mark.parametrize(
    ("response", "reasoning", "text"),
    [
        ("<think>a</think>b", "a", "b"),
        ("<thinking>a</thinking>b", "a", "b"),
        ("<thought>a</thought>b", "a", "b"),
        ("\n <think>\n\na\n</think>\n\nb\n", "a\n", "b\n"),
        ("<think></think>b", "", "b"),
        ("<think>\n\n</think>\n\nb", "", "b"),
        ("<think>a</think>", "a", ""),
        ("<think>a", "a", ""),
        ("<think>a</thin", "a</thin", ""),
        ("<think>a</thinking>b</think>c", "a</thinking>b", "c"),
        ("<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
        ("b<think>a</think>", "", "b<think>a</think>"),
        ("<b>bold</b>", "", "<b>bold</b>"),
        ("<thin", "", "<thin"),
        ("</think>b", "", "</think>b"),
        (" \n b", "", " \n b"),
        (" \n", "", " \n"),
        ("", "", ""),
    ],
    ids=repr,
)
def test_reasoning_is_split_off_only_at_the_start(response: str, reasoning: str, text: str) -> None:
    assert split(response) == (reasoning, text)
    assert split(*response) == (reasoning, text)


@given(TEXTS, st.lists(st.integers(0, 60), max_size=8))
@example("<think> a</think> b", [7, 8])
def test_the_result_does_not_depend_on_how_the_text_is_split(
    response: str, cuts: list[int]
) -> None:
    places = [0, *sorted(min(cut, len(response)) for cut in cuts), len(response)]
    chunks = [response[a:b] for a, b in pairwise(places)]
    assert split(*chunks) == split(response)


@given(TEXTS)
def test_a_response_that_starts_without_a_tag_is_unchanged(response: str) -> None:
    if not response.lstrip().startswith(tuple(TAGS)):
        assert split(*response) == ("", response)


@given(TEXTS)
def test_only_an_undecided_prefix_is_buffered(response: str) -> None:
    splitter = TagSplitter()
    for character in response:
        splitter.receive(character)
    if splitter.passing:
        assert splitter.close() == []
        return
    buffered = "".join(part.text for part in splitter.close())
    tags = (*TAGS, *TAGS.values())
    assert not buffered.strip() or any(tag.startswith(buffered.strip()) for tag in tags)


@pytest.mark.parametrize("text", ["a", "<b", "<tho ", "< ", "\n\na"])
def test_text_that_cannot_be_a_tag_passes_at_once(text: str) -> None:
    splitter = TagSplitter()
    assert [part.text for part in splitter.receive(text)] == [text]
    assert splitter.passing


def test_reasoning_is_streamed() -> None:
    splitter = TagSplitter()
    assert splitter.receive("<think>") == []
    assert splitter.receive("Hm <") == [("Hm ", True)]
    assert splitter.receive("b>") == [("<b>", True)]
    assert splitter.receive(" .</") == [(" .", True)]
    assert splitter.receive("think>") == []
    assert splitter.receive("So") == [("So", False)]


def test_text_after_close_is_text() -> None:
    splitter = TagSplitter()
    splitter.receive("<think>a")
    splitter.close()
    assert splitter.receive("<think>b") == [("<think>b", False)]
