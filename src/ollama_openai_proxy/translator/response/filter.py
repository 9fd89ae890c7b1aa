"""Between what a backend says and what the answer is: thoughts in tags, and stops of our own."""

from .parts import Logprobs, Part, Text, Thinking
from .stop_sequences import StopScanner
from .think_tags import TaggedText, TagSplitter


class OutputFilter:
    """Takes the pieces of an answer and gives back those that are decided.

    Log probabilities of what is held back go with the piece that comes next.
    """

    def __init__(self, tags: TagSplitter | None, stops: StopScanner | None) -> None:
        self._tags = tags
        self._stops = stops
        self._logprobs: Logprobs = None

    @property
    def stopped(self) -> bool:
        """Whether a stop has come: nothing follows."""
        return self._stops is not None and self._stops.stopped

    @property
    def passing(self) -> bool:
        """Whether all that comes passes, from now on."""
        return self._tags is None and self._stops is None

    def receive(self, parts: list[Part]) -> list[Part]:
        """The pieces that are decided with `pieces`."""
        decided: list[Part] = []
        for part in parts:
            if self.stopped:
                break
            if not isinstance(part, Text):
                decided.append(part)
                continue
            if part.logprobs:
                self._logprobs = (self._logprobs or []) + part.logprobs
            self._write(self._split(part.text), decided)
        return decided

    def close(self) -> list[Part]:
        """What was held back."""
        decided: list[Part] = []
        if self._tags is not None:
            self._write(self._tags.close(), decided)
            self._tags = None
        rest = self._stops.close() if self._stops is not None else ""
        if rest or (self._logprobs and not self.stopped):
            decided.append(Text(rest, self._taken()))
        return decided

    def _split(self, text: str) -> list[TaggedText]:
        if self._tags is None:
            return [TaggedText(text, False)]
        parts = self._tags.receive(text)
        if self._tags.passing:
            self._tags = None
        return parts

    def _write(self, parts: list[TaggedText], decided: list[Part]) -> None:
        for part in parts:
            if part.thought:
                decided.append(Thinking(part.text, self._taken()))
                continue
            text = self._stops.receive(part.text) if self._stops is not None else part.text
            if text:
                decided.append(Text(text, self._taken()))

    def _taken(self) -> Logprobs:
        logprobs, self._logprobs = self._logprobs, None
        return logprobs
