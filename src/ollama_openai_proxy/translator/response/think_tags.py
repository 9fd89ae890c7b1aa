"""Thoughts between tags at the start of an answer → told apart from the answer, as it streams."""

from enum import Enum, auto
from typing import NamedTuple

# What models write where no server parses them: most; some; Gemini's compatible API.
TAGS = {"<think>": "</think>", "<thinking>": "</thinking>", "<thought>": "</thought>"}


class TaggedText(NamedTuple):
    """A run of text, and whether it is a thought."""

    text: str
    thought: bool


class _Place(Enum):
    START = auto()
    BEFORE_THOUGHT = auto()
    THOUGHT = auto()
    BEFORE_TEXT = auto()
    TEXT = auto()


class TagSplitter:
    """Takes text in pieces, cut anywhere, and gives it back in parts.

    Only a tag with which the answer begins counts: a later one is the model's text. Space between
    a tag and what follows is dropped, as by Ollama (thinking/parser.go). What may yet become a tag
    is held back until that is decided; `close` gives what was held.
    """

    def __init__(self) -> None:
        self._place = _Place.START
        self._held = ""
        self._end = ""

    @property
    def passing(self) -> bool:
        """Whether all that comes is text of the answer, from now on."""
        return self._place is _Place.TEXT

    def receive(self, text: str) -> list[TaggedText]:
        """The parts that are decided with `text`."""
        self._held += text
        parts: list[TaggedText] = []
        if self._place is _Place.START:
            self._begin()
        if self._place is _Place.BEFORE_THOUGHT:
            self._skip_space(_Place.THOUGHT)
        if self._place is _Place.THOUGHT:
            self._think(parts)
        if self._place is _Place.BEFORE_TEXT:
            self._skip_space(_Place.TEXT)
        if self._place is _Place.TEXT:
            self._give(len(self._held), False, parts)
        return parts

    def close(self) -> list[TaggedText]:
        """What was held back, now that no tag can come of it. More text may follow."""
        parts: list[TaggedText] = []
        self._give(len(self._held), self._place is _Place.THOUGHT, parts)
        self._place = _Place.TEXT
        return parts

    def _begin(self) -> None:
        start = self._held.lstrip()
        tag = next((tag for tag in TAGS if start.startswith(tag)), None)
        if tag is not None:
            self._end = TAGS[tag]
            self._held = start[len(tag) :]
            self._place = _Place.BEFORE_THOUGHT
        elif not any(tag.startswith(start) for tag in TAGS):
            self._place = _Place.TEXT

    def _skip_space(self, then: _Place) -> None:
        self._held = self._held.lstrip()
        if self._held:
            self._place = then

    def _think(self, parts: list[TaggedText]) -> None:
        at = self._held.find(self._end)
        if at < 0:
            self._give(len(self._held) - _begun(self._held, self._end), True, parts)
            return
        self._give(at, True, parts)
        self._held = self._held[len(self._end) :]
        self._place = _Place.BEFORE_TEXT

    def _give(self, size: int, thought: bool, parts: list[TaggedText]) -> None:
        if size:
            parts.append(TaggedText(self._held[:size], thought))
            self._held = self._held[size:]


def _begun(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    sizes = range(min(len(tag) - 1, len(text)), 0, -1)
    return next((size for size in sizes if tag.startswith(text[-size:])), 0)
