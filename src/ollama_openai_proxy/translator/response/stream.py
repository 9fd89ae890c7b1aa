"""A streamed answer → the lines of a stream."""

import msgspec
from ollama_openai_proxy_models import openai

from .reader import Turn
from .usage import Times, metrics
from .writer import Lines


class AnswerStream:
    """ChatStream and GenerateStream in one: `lines` makes the difference.

    `receive` and `close` take the time in ns since the request came in; `asked` is when the
    backend was sent the request. Nothing more is wanted once `turn` has stopped.
    """

    def __init__(self, turn: Turn, lines: Lines, asked: int) -> None:
        self.turn = turn
        self._lines = lines
        self._asked = asked
        self._first: int | None = None
        self._last: int | None = None

    def receive(
        self, chunk: openai.CreateChatCompletionStreamResponse, at: int
    ) -> list[msgspec.Struct]:
        """The lines that an event makes. Raises BackendRefused when it reports an error."""
        pieces = self.turn.receive(chunk)
        if not pieces:
            return []
        if self._first is None:
            self._first = at
        self._last = at
        return [self._lines.line(piece, at) for piece in pieces]

    def receive_whole(
        self, completion: openai.CreateChatCompletionResponse, at: int
    ) -> list[msgspec.Struct]:
        """The lines of a whole answer, from a backend that does not stream."""
        return [self._lines.line(piece, at) for piece in self.turn.receive_whole(completion)]

    def close(self, at: int, done: bool) -> list[msgspec.Struct]:
        """The last lines; `done` as in Turn.close, which raises for a stream that broke off."""
        lines = [self._lines.line(piece, at) for piece in self.turn.close(done)]
        times = Times(self._asked, self._first, self._last, at)
        lines.append(self._lines.last(self.turn.done_reason, metrics(self.turn, times), at))
        return lines


def whole_answer(
    completion: openai.CreateChatCompletionResponse,
    turn: Turn,
    lines: Lines,
    asked: int,
    at: int,
) -> msgspec.Struct:
    """The answer to a request that is not streamed; it says what a stream would have said."""
    pieces = turn.receive_whole(completion)
    pieces += turn.close(done=True)
    counted = metrics(turn, Times(asked, None, None, at))
    return lines.whole(pieces, turn.done_reason, counted, at)
