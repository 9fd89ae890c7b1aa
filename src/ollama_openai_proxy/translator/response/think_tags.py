"""Separation of reasoning in tags at the start of a response from the response text."""

from enum import Enum, auto
from typing import NamedTuple

# Tags of models whose server does not parse the reasoning. Most models use the first one;
# <thought> is used by Gemini's OpenAI-compatible API.
TAGS = {"<think>": "</think>", "<thinking>": "</thinking>", "<thought>": "</thought>"}


class TaggedText(NamedTuple):
    """A run of text, either reasoning or response text."""

    text: str
    is_reasoning: bool


class _State(Enum):
    START = auto()
    BEFORE_REASONING = auto()
    REASONING = auto()
    BEFORE_TEXT = auto()
    TEXT = auto()


class TagSplitter:
    """Incremental parser; the text may be split at any character.

    A tag is only recognised at the start of the response; later tags are response text. Whitespace
    after a tag is dropped, as in Ollama (thinking/parser.go). Text that may be the beginning of a
    tag is buffered until that is decided.
    """

    def __init__(self) -> None:
        self._state = _State.START
        self._buffer = ""
        self._end_tag = ""

    @property
    def passing(self) -> bool:
        """Whether all further text is response text."""
        return self._state is _State.TEXT

    def receive(self, text: str) -> list[TaggedText]:
        """Parse `text` and return the runs that can be classified so far."""
        self._buffer += text
        runs: list[TaggedText] = []
        if self._state is _State.START:
            self._find_start_tag()
        if self._state is _State.BEFORE_REASONING:
            self._skip_space(_State.REASONING)
        if self._state is _State.REASONING:
            self._find_end_tag(runs)
        if self._state is _State.BEFORE_TEXT:
            self._skip_space(_State.TEXT)
        if self._state is _State.TEXT:
            self._take(len(self._buffer), False, runs)
        return runs

    def close(self) -> list[TaggedText]:
        """Return the buffered text. Any further text is response text."""
        runs: list[TaggedText] = []
        self._take(len(self._buffer), self._state is _State.REASONING, runs)
        self._state = _State.TEXT
        return runs

    def _find_start_tag(self) -> None:
        start = self._buffer.lstrip()
        tag = next((tag for tag in TAGS if start.startswith(tag)), None)
        if tag is not None:
            self._end_tag = TAGS[tag]
            self._buffer = start[len(tag) :]
            self._state = _State.BEFORE_REASONING
        elif not any(tag.startswith(start) for tag in TAGS):
            self._state = _State.TEXT

    def _skip_space(self, next_state: _State) -> None:
        self._buffer = self._buffer.lstrip()
        if self._buffer:
            self._state = next_state

    def _find_end_tag(self, runs: list[TaggedText]) -> None:
        at = self._buffer.find(self._end_tag)
        if at < 0:
            self._take(len(self._buffer) - _partial_tag(self._buffer, self._end_tag), True, runs)
            return
        self._take(at, True, runs)
        self._buffer = self._buffer[len(self._end_tag) :]
        self._state = _State.BEFORE_TEXT

    def _take(self, size: int, is_reasoning: bool, runs: list[TaggedText]) -> None:
        if size:
            runs.append(TaggedText(self._buffer[:size], is_reasoning))
            self._buffer = self._buffer[size:]


def _partial_tag(text: str, tag: str) -> int:
    """The number of characters at the end of `text` that may be the beginning of `tag`."""
    sizes = range(min(len(tag) - 1, len(text)), 0, -1)
    return next((size for size in sizes if tag.startswith(text[-size:])), 0)
