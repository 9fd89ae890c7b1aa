"""Stop sequences, for requests with more of them than the backend accepts."""


class StopScanner:
    """Incremental search for stop sequences; the text may be split at any character.

    Returns the text before the stop sequence that is completed first, or before the longest one
    if several end at the same position. Text that may be the beginning of a stop sequence is
    buffered until that is decided.
    """

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        self._longest = max(map(len, stops))
        self._prefixes = frozenset(stop[:size] for stop in stops for size in range(1, len(stop)))
        self._buffer = ""
        self.stopped = False
        """Whether a stop sequence was found."""

    def receive(self, text: str) -> str:
        """The text that can be sent to the client; "" after a stop sequence was found."""
        if self.stopped:
            return ""
        text = self._buffer + text
        found = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.stopped = True
            self._buffer = ""
            return text[: min(found)[1]]
        sizes = range(min(self._longest - 1, len(text)), 0, -1)
        keep = next((size for size in sizes if text[-size:] in self._prefixes), 0)
        self._buffer = text[len(text) - keep :]
        return text[: len(text) - keep]

    def close(self) -> str:
        """Return the buffered text at the end of the response."""
        rest, self._buffer = self._buffer, ""
        return rest
