"""Texts at which an answer ends, found here where the backend takes only some of them."""


class StopScanner:
    """Takes text in pieces, cut anywhere, and gives it back up to the first stop.

    The stop that is complete first counts, and of those the longest. What may yet become one is
    held back; `close` gives it.
    """

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        self._longest = max(map(len, stops))
        self._beginnings = frozenset(stop[:size] for stop in stops for size in range(1, len(stop)))
        self._held = ""
        self.stopped = False

    def receive(self, text: str) -> str:
        """What is decided with `text`; nothing once a stop has come."""
        if self.stopped:
            return ""
        text = self._held + text
        found = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.stopped = True
            self._held = ""
            return text[: min(found)[1]]
        sizes = range(min(self._longest - 1, len(text)), 0, -1)
        keep = next((size for size in sizes if text[-size:] in self._beginnings), 0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def close(self) -> str:
        """What was held back, now that nothing more comes."""
        held, self._held = self._held, ""
        return held
