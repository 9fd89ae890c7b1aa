"""Filtering of the response text: separation of tagged reasoning, and stop sequences."""

from .parts import Logprobs, Part, Text, Thinking
from .stop_sequences import StopScanner
from .think_tags import TaggedText, TagSplitter


class OutputFilter:
    """Incremental filter that buffers text while a tag or a stop sequence may still follow.

    Log probabilities of buffered text are attached to the next part that is returned.
    """

    def __init__(self, tags: TagSplitter | None, stops: StopScanner | None) -> None:
        self._tags = tags
        self._stops = stops
        self._logprobs: Logprobs = None

    @property
    def stopped(self) -> bool:
        """Whether a stop sequence was found. Later parts are discarded."""
        return self._stops is not None and self._stops.stopped

    @property
    def passing(self) -> bool:
        """Whether the filter leaves all further parts unchanged, so that it can be removed."""
        return self._tags is None and self._stops is None

    def receive(self, parts: list[Part]) -> list[Part]:
        """Filter `parts` and return those that can be sent to the client."""
        filtered: list[Part] = []
        for part in parts:
            if self.stopped:
                break
            if not isinstance(part, Text):
                filtered.append(part)
                continue
            if part.logprobs:
                self._logprobs = (self._logprobs or []) + part.logprobs
            self._add_runs(self._split(part.text), filtered)
        return filtered

    def close(self) -> list[Part]:
        """Return the buffered text at the end of the response."""
        filtered: list[Part] = []
        if self._tags is not None:
            self._add_runs(self._tags.close(), filtered)
            self._tags = None
        rest = self._stops.close() if self._stops is not None else ""
        if rest or (self._logprobs and not self.stopped):
            filtered.append(Text(rest, self._take_logprobs()))
        return filtered

    def _split(self, text: str) -> list[TaggedText]:
        if self._tags is None:
            return [TaggedText(text, False)]
        runs = self._tags.receive(text)
        if self._tags.passing:
            self._tags = None
        return runs

    def _add_runs(self, runs: list[TaggedText], filtered: list[Part]) -> None:
        for run in runs:
            if run.is_reasoning:
                filtered.append(Thinking(run.text, self._take_logprobs()))
                continue
            text = self._stops.receive(run.text) if self._stops is not None else run.text
            if text:
                filtered.append(Text(text, self._take_logprobs()))

    def _take_logprobs(self) -> Logprobs:
        logprobs, self._logprobs = self._logprobs, None
        return logprobs
