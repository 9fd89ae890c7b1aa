"""A streamed answer → the lines of a stream."""

import msgspec
from ollama_openai_proxy_models import openai

from .reader import CompletionReader
from .usage import Times, counters
from .writer import ResponseWriter


class ResponseStream:
    """ChatStream and GenerateStream in one: `lines` makes the difference.

    `receive` and `close` take the time in ns since the request came in; `asked` is when the
    backend was sent the request. Nothing more is wanted once `turn` has stopped.
    """

    def __init__(self, reader: CompletionReader, lines: ResponseWriter, asked: int) -> None:
        self.reader = reader
        self._writer = lines
        self._asked = asked
        self._first: int | None = None
        self._last: int | None = None

    def receive(
        self, chunk: openai.CreateChatCompletionStreamResponse, at: int
    ) -> list[msgspec.Struct]:
        """The lines that an event makes. Raises BackendRefused when it reports an error."""
        parts = self.reader.receive(chunk)
        if not parts:
            return []
        if self._first is None:
            self._first = at
        self._last = at
        return [self._writer.line(part, at) for part in parts]

    def receive_whole(
        self, completion: openai.CreateChatCompletionResponse, at: int
    ) -> list[msgspec.Struct]:
        """The lines of a whole answer, from a backend that does not stream."""
        return [self._writer.line(part, at) for part in self.reader.receive_whole(completion)]

    def close(self, at: int, done: bool) -> list[msgspec.Struct]:
        """The last lines; `done` as in Turn.close, which raises for a stream that broke off."""
        lines = [self._writer.line(part, at) for part in self.reader.close(done)]
        times = Times(self._asked, self._first, self._last, at)
        lines.append(self._writer.last(self.reader.done_reason, counters(self.reader, times), at))
        return lines


def whole_response(
    completion: openai.CreateChatCompletionResponse,
    reader: CompletionReader,
    lines: ResponseWriter,
    asked: int,
    at: int,
) -> msgspec.Struct:
    """The answer to a request that is not streamed; it says what a stream would have said."""
    parts = reader.receive_whole(completion)
    parts += reader.close(done=True)
    counted = counters(reader, Times(asked, None, None, at))
    return lines.whole(parts, reader.done_reason, counted, at)
