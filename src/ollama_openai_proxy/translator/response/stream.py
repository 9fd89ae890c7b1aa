"""Translation of the backend's response to the lines of Ollama's stream, or to one object."""

import msgspec
from ollama_openai_proxy_models import openai

from .reader import CompletionReader
from .usage import Times, counters
from .writer import ResponseWriter


class ResponseStream:
    """A streamed response of /api/chat or /api/generate, depending on `writer`.

    All times are in ns since the client's request was received: `sent_at` is when the request was
    sent to the backend, `at` is the current time. The caller stops reading from the backend when
    `reader.stopped` is set.
    """

    def __init__(self, reader: CompletionReader, writer: ResponseWriter, sent_at: int) -> None:
        self.reader = reader
        self._writer = writer
        self._sent_at = sent_at
        self._first: int | None = None
        self._last: int | None = None

    def receive(
        self, chunk: openai.CreateChatCompletionStreamResponse, at: int
    ) -> list[msgspec.Struct]:
        """The lines for one event. Raises BackendRefused if the event reports an error."""
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
        """The lines for a complete response, from a backend that does not stream."""
        return [self._writer.line(part, at) for part in self.reader.receive_whole(completion)]

    def close(self, at: int, done: bool) -> list[msgspec.Struct]:
        """The last lines. `done` and exceptions are those of CompletionReader.close."""
        lines = [self._writer.line(part, at) for part in self.reader.close(done)]
        times = Times(self._sent_at, self._first, self._last, at)
        lines.append(self._writer.last(self.reader.done_reason, counters(self.reader, times), at))
        return lines


def whole_response(
    completion: openai.CreateChatCompletionResponse,
    reader: CompletionReader,
    writer: ResponseWriter,
    sent_at: int,
    at: int,
) -> msgspec.Struct:
    """The response to a request that is not streamed; its content is that of a stream.

    `sent_at` and `at` are in ns since the client's request was received.
    """
    parts = reader.receive_whole(completion)
    parts += reader.close(done=True)
    statistics = counters(reader, Times(sent_at, None, None, at))
    return writer.whole(parts, reader.done_reason, statistics, at)
