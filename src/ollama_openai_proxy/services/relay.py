"""The backend's event stream → NDJSON lines, as the events arrive."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import NamedTuple

import msgspec
from ollama_openai_proxy_models import openai

from ..backend import Exchange
from ..backend_errors import refusal_in, title_of
from ..errors import BackendViolation, ProxyError
from ..framing.ndjson import encode_lines
from ..framing.sse import Event, SSEDecoder
from ..json_decoding import InvalidJSON, decode_as, decode_json
from ..telemetry import RequestMetrics
from ..translator.completion import as_chunk, as_whole
from ..translator.response.stream import ResponseStream
from .request import Request


class Form(NamedTuple):
    """Decoders for one event of a stream and for a whole response. Both raise InvalidJSON."""

    event: Callable[[bytes], openai.CreateChatCompletionStreamResponse]
    whole: Callable[[bytes], openai.CreateChatCompletionResponse]


_COMPLETION = msgspec.json.Decoder(openai.CreateCompletionResponse)
CHAT = Form(
    partial(decode_as, msgspec.json.Decoder(openai.CreateChatCompletionStreamResponse)),
    partial(decode_as, msgspec.json.Decoder(openai.CreateChatCompletionResponse)),
)
PLAIN = Form(
    lambda data: as_chunk(decode_as(_COMPLETION, data)),
    lambda data: as_whole(decode_as(_COMPLETION, data)),
)
_DONE_LIMIT = 16
"""Bytes. Longer events are not compared with `[DONE]`, which saves time for most events."""
_GRACE = 0.05
"""Seconds to wait for the end of the body after `[DONE]`, so that the connection can be reused."""


async def relay(
    request: Request, exchange: Exchange, stream: ResponseStream, form: Form = CHAT
) -> AsyncGenerator[bytes]:
    """Yield the lines of the backend's response, those of one network read together.

    Raises a failure after the lines that preceded it. A response that is stopped early is not
    read to its end: closing the connection stops the backend as well.
    """
    reader = _Reader(stream, form)
    async for data in exchange:
        lines, failure = reader.receive(data, request.now())
        if lines:
            yield encode_lines(lines)
        if failure is not None:
            raise failure
        if reader.done:
            break
    lines, failure = reader.close(request.now())
    if lines:
        record_tokens(request.metrics, lines[-1])
        yield encode_lines(lines)
    if failure is not None:
        raise failure
    if not stream.reader.stopped:
        await _read_to_end(exchange)


def record_tokens(metrics: RequestMetrics, line: msgspec.Struct) -> None:
    """Record the token counts of the last line of a response."""
    metrics.tokens_in = getattr(line, "prompt_eval_count", None) or 0
    metrics.tokens_out = getattr(line, "eval_count", None) or 0


async def _read_to_end(exchange: Exchange) -> None:
    try:
        async with asyncio.timeout(_GRACE):
            async for _ in exchange:
                pass
    except (TimeoutError, ProxyError):
        pass  # the response is already complete


class _Reader:
    """Bytes → lines, and the failure that follows them, if any."""

    def __init__(self, stream: ResponseStream, form: Form = CHAT) -> None:
        self._stream = stream
        self._form = form
        self._decoder = SSEDecoder()
        self._seen = False
        self.done = False

    def receive(self, data: bytes, at: int) -> tuple[list[msgspec.Struct], ProxyError | None]:
        lines: list[msgspec.Struct] = []
        try:
            self._read(self._decoder.receive(data), at, lines)
        except ProxyError as failure:
            return lines, failure
        return lines, None

    def close(self, at: int) -> tuple[list[msgspec.Struct], ProxyError | None]:
        lines: list[msgspec.Struct] = []
        try:
            if not self.done:
                self._read(self._decoder.close(), at, lines)
            if not self._seen:
                self._read_stray(self._decoder.stray, at, lines)
            lines += self._stream.close(at, self.done)
        except ProxyError as failure:
            return lines, failure
        return lines, None

    def _read(self, events: list[Event], at: int, lines: list[msgspec.Struct]) -> None:
        decode, receive, reader = self._form.event, self._stream.receive, self._stream.reader
        for event in events:
            self._seen = True
            if len(event.data) < _DONE_LIMIT and event.data.strip() == b"[DONE]":
                self.done = True
                return
            lines += receive(_chunk(event, decode), at)
            if reader.stopped:
                self.done = True
                return

    def _read_stray(self, body: bytes, at: int, lines: list[msgspec.Struct]) -> None:
        """Read a body that is no event stream: a whole completion, an error, or an HTML page."""
        body = body.strip()
        if not body:
            return
        if not body.startswith((b"{", b"[")):
            title = title_of(body) or "markup without a title"
            raise BackendViolation(
                f"expected an event stream from the backend, got {title!r}; check OPENAI_BASE_URL"
            )
        try:
            completion = self._form.whole(body)
        except InvalidJSON:
            raise _error_in(body) from None
        if completion.choices is None and completion.error is None:
            raise _error_in(body)
        lines += self._stream.receive_whole(completion, at)


def _chunk(
    event: Event, decode: Callable[[bytes], openai.CreateChatCompletionStreamResponse]
) -> openai.CreateChatCompletionStreamResponse:
    if event.error:
        raise _error_in(event.data)
    try:
        chunk = decode(event.data)
        empty = chunk.choices is None and chunk.error is None and chunk.usage is None
        flat = empty and _is_flat_error(event.data)
    except InvalidJSON as error:
        raise BackendViolation(f"the backend sent an invalid event: {error}") from error
    if flat:
        raise _error_in(event.data)
    return chunk


def _is_flat_error(data: bytes) -> bool:
    """Whether an event is an error with its fields at the top level.

    Old vLLM and SGLang, and Venice, send such errors with status 200.
    """
    document = decode_json(data)
    return document.get("object") == "error" or "error_message" in document or "detail" in document


def _error_in(data: bytes) -> ProxyError:
    """The error that `data` reports, as JSON or as plain text."""
    try:
        return refusal_in(decode_json(data))
    except InvalidJSON:
        return refusal_in(data.decode(errors="replace"))
