"""Thoughts between tags at the start of an answer."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ollama_openai_proxy.translator.response.think_tags import TAGS, TagSplitter

FRAGMENTS = st.sampled_from(
    [*TAGS, *TAGS.values(), "<", "<th", "</", "</think", ">", " ", "\n", "a", "b c", "𝄞"]
)
TEXTS = st.lists(FRAGMENTS, max_size=9).map("".join) | st.text(max_size=12)


def split(*pieces: str) -> tuple[str, str]:
    """The thought and the text."""
    splitter = TagSplitter()
    parts = [part for piece in pieces for part in splitter.receive(piece)] + splitter.close()
    assert all(part.text for part in parts)
    thoughts = [part.thought for part in parts]
    assert thoughts == sorted(thoughts, reverse=True), "thoughts come before the text"
    return (
        "".join(part.text for part in parts if part.thought),
        "".join(part.text for part in parts if not part.thought),
    )


@pytest.mark.parametrize(
    ("answer", "thought", "text"),
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
def test_thoughts_stand_between_tags_at_the_start(answer: str, thought: str, text: str) -> None:
    assert split(answer) == (thought, text)
    assert split(*answer) == (thought, text)


@given(TEXTS, st.lists(st.integers(0, 60), max_size=8))
@example("<think> a</think> b", [7, 8])
def test_cut_anywhere_an_answer_splits_alike(answer: str, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(answer)) for cut in cuts), len(answer)]
    pieces = [answer[a:b] for a, b in pairwise(places)]
    assert split(*pieces) == split(answer)


@given(TEXTS)
def test_an_answer_without_a_tag_at_its_start_is_given_as_it_is(answer: str) -> None:
    if not answer.lstrip().startswith(tuple(TAGS)):
        assert split(*answer) == ("", answer)


@given(TEXTS)
def test_nothing_is_held_back_that_is_decided(answer: str) -> None:
    splitter, given_ = TagSplitter(), ""
    for character in answer:
        given_ += "".join(part.text for part in splitter.receive(character))
    if splitter.passing:
        assert splitter.close() == []
        return
    held = "".join(part.text for part in splitter.close())
    tags = (*TAGS, *TAGS.values())
    assert not held.strip() or any(tag.startswith(held.strip()) for tag in tags)


@pytest.mark.parametrize("text", ["a", "<b", "<tho ", "< ", "\n\na"])
def test_what_cannot_become_a_tag_passes_at_once(text: str) -> None:
    splitter = TagSplitter()
    assert [part.text for part in splitter.receive(text)] == [text]
    assert splitter.passing


def test_a_thought_comes_while_it_is_thought() -> None:
    splitter = TagSplitter()
    assert splitter.receive("<think>") == []
    assert splitter.receive("Hm <") == [("Hm ", True)]
    assert splitter.receive("b>") == [("<b>", True)]
    assert splitter.receive(" .</") == [(" .", True)]
    assert splitter.receive("think>") == []
    assert splitter.receive("So") == [("So", False)]


def test_text_after_the_end_is_text() -> None:
    splitter = TagSplitter()
    splitter.receive("<think>a")
    splitter.close()
    assert splitter.receive("<think>b") == [("<think>b", False)]
