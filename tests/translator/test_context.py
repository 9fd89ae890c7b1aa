"""A conversation as numbers, and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ollama_openai_proxy.translator.context import MOST_TEXT, Conversation, pack, unpack

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
CONVERSATIONS = st.builds(
    Conversation, TEXTS, st.lists(st.tuples(TEXTS, TEXTS), max_size=5).map(tuple)
)
ANYTHING = st.lists(st.integers(-(2**70), 2**70), max_size=8)


@given(CONVERSATIONS)
def test_what_was_said_comes_back(conversation: Conversation) -> None:
    numbers = pack(conversation)
    assert all(0 <= number < 2**31 for number in numbers)
    assert unpack(numbers) == conversation


@given(CONVERSATIONS, st.integers(0, 400), st.integers(-1, 2**31))
def test_numbers_that_are_not_whole_say_nothing(
    conversation: Conversation, place: int, other: int
) -> None:
    numbers = pack(conversation)
    place %= len(numbers)
    if numbers[place] != other:
        broken = [*numbers[:place], other, *numbers[place + 1 :]]
        assert unpack(broken) in (None, conversation), "padding alone does not count"
    assert place == 0 or unpack(numbers[:place]) is None


@given(ANYTHING)
def test_numbers_that_are_not_ours_say_nothing(numbers: list[int]) -> None:
    assert unpack(numbers) is None
    assert unpack([pack(Conversation())[0], *numbers]) is None


def test_the_oldest_is_forgotten_first() -> None:
    long = "x" * (MOST_TEXT // 3)
    said = (("a", long), ("b", long), ("c", long))
    assert unpack(pack(Conversation("Be kind.", said))) == Conversation("Be kind.", said[1:])


@pytest.mark.parametrize("said", [("q", "x" * MOST_TEXT), ("ä" * MOST_TEXT, "")], ids=["a", "p"])
def test_what_is_too_long_by_itself_is_forgotten(said: Any) -> None:
    assert unpack(pack(Conversation("Be kind.", (said,)))) == Conversation("Be kind.")


def test_a_system_prompt_that_is_too_long_leaves_room_for_the_rest() -> None:
    said = (("a", "b"),)
    assert unpack(pack(Conversation("x" * (MOST_TEXT + 1), said))) == Conversation("", said)


def test_control_characters_take_no_more_than_there_is_room_for() -> None:
    said = tuple(("\0" * 2000, "\0" * 2000) for _ in range(20))
    back = unpack(pack(Conversation("", said)))
    assert back is not None
    assert len(back.exchanges) == 8


def test_a_bomb_is_not_unpacked() -> None:
    zeros = Conversation("", (("", "a"),) * 200_000)
    back = unpack(pack(zeros))
    assert back is not None
    assert len(back.exchanges) < 2000
