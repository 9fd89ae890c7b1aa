"""Packing of conversations into `context` integers, and unpacking."""

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
def test_unpacking_returns_the_packed_conversation(conversation: Conversation) -> None:
    numbers = pack(conversation)
    assert all(0 <= number < 2**31 for number in numbers)
    assert unpack(numbers) == conversation


@given(CONVERSATIONS, st.integers(0, 400), st.integers(-1, 2**31))
def test_altered_or_truncated_context_is_ignored(
    conversation: Conversation, place: int, other: int
) -> None:
    numbers = pack(conversation)
    place %= len(numbers)
    if numbers[place] != other:
        broken = [*numbers[:place], other, *numbers[place + 1 :]]
        assert unpack(broken) in (None, conversation), "only padding may differ"
    assert place == 0 or unpack(numbers[:place]) is None


@given(ANYTHING)
def test_foreign_context_is_ignored(numbers: list[int]) -> None:
    assert unpack(numbers) is None
    assert unpack([pack(Conversation())[0], *numbers]) is None


def test_the_oldest_exchanges_are_dropped_first() -> None:
    long = "x" * (MOST_TEXT // 3)
    exchanges = (("a", long), ("b", long), ("c", long))
    assert unpack(pack(Conversation("Be kind.", exchanges))) == Conversation(
        "Be kind.", exchanges[1:]
    )


@pytest.mark.parametrize(
    "exchange", [("q", "x" * MOST_TEXT), ("ä" * MOST_TEXT, "")], ids=["response", "prompt"]
)
def test_an_exchange_that_exceeds_the_limit_is_dropped(exchange: Any) -> None:
    assert unpack(pack(Conversation("Be kind.", (exchange,)))) == Conversation("Be kind.")


def test_a_system_prompt_that_exceeds_the_limit_is_dropped() -> None:
    exchanges = (("a", "b"),)
    assert unpack(pack(Conversation("x" * (MOST_TEXT + 1), exchanges))) == Conversation(
        "", exchanges
    )


def test_escaped_control_characters_count_toward_the_limit() -> None:
    exchanges = tuple(("\0" * 2000, "\0" * 2000) for _ in range(20))
    unpacked = unpack(pack(Conversation("", exchanges)))
    assert unpacked is not None
    assert len(unpacked.exchanges) == 8


def test_a_highly_compressible_conversation_is_limited_too() -> None:
    conversation = Conversation("", (("", "a"),) * 200_000)
    unpacked = unpack(pack(conversation))
    assert unpacked is not None
    assert len(unpacked.exchanges) < 2000
