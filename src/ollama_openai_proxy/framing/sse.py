"""Decoding of server-sent events, including the deviations of actual backends."""

import msgspec

from ..errors import BackendViolation
from ..json_decoding import InvalidJSON, decode_json

LARGEST_EVENT = 16 * 1024 * 1024
"""Maximum size in bytes of one event, and of all stray lines, to bound the memory of a stream."""

_BOM = b"\xef\xbb\xbf"


class Event(msgspec.Struct, frozen=True, gc=False):
    """One server-sent event. `error` is set if the backend marked the event as an error."""

    data: bytes
    error: bool


class SSEDecoder:
    """Incremental decoder; the input may be split at any byte.

    Lines end in LF, CRLF or CR (WHATWG HTML, 9.2.6). The decoder is more lenient than the standard
    because known servers deviate from it: a last event without a blank line is decoded, events
    separated by a single newline are split if the first one is complete JSON, and a field named
    `error` is an error event (llama.cpp before September 2025). Lines that are not event fields
    are collected in `stray`, because some backends respond to a streaming request with a plain
    JSON or HTML body.
    """

    def __init__(self, largest: int = LARGEST_EVENT) -> None:
        self._largest = largest
        self._partial_line: list[bytes] = []
        self._partial_size = 0
        self._data: bytes | None = None
        self._more_data: list[bytes] = []
        self._error = False
        self._started = False
        self._ended_in_cr = False
        self._stray: list[bytes] = []
        self._buffered_size = 0

    @property
    def stray(self) -> bytes:
        """Lines that are not event fields, joined by LF."""
        return b"\n".join(self._stray)

    def receive(self, data: bytes) -> list[Event]:
        """The events that `data` completes. Raises BackendViolation if an event is too large."""
        if b"\r" in data or self._ended_in_cr:
            data = self._lf_only(data)
        if b"\n" not in data:
            self._buffer_partial_line(data)
            return []
        if self._partial_line:
            self._partial_line.append(data)
            data = b"".join(self._partial_line)
        if not self._started and data:
            data = data.removeprefix(_BOM)
            self._started = True
        lines = data.split(b"\n")
        rest = lines.pop()
        self._partial_line = [rest] if rest else []
        self._partial_size = len(rest)
        return self._events(lines)

    def close(self) -> list[Event]:
        """The last event, if the stream ended without a blank line after it."""
        line = b"".join(self._partial_line)
        self._partial_line = []
        if not self._started:
            line = line.removeprefix(_BOM)
        return self._events([line, b""])

    def _lf_only(self, data: bytes) -> bytes:
        """`data` with CRLF and CR replaced by LF, also where a CRLF is split between two inputs."""
        if self._ended_in_cr and data.startswith(b"\n"):
            data = data[1:]
            self._ended_in_cr = False
            if b"\r" not in data:
                return data
        self._ended_in_cr = data.endswith(b"\r") if data else self._ended_in_cr
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _buffer_partial_line(self, data: bytes) -> None:
        if data:
            self._partial_line.append(data)
            self._partial_size += len(data)
            if self._partial_size > self._largest:
                raise self._too_large()

    def _events(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if line.startswith(b"data:"):
                value = line[6:] if line.startswith(b"data: ") else line[5:]
                if self._data is None:
                    self._data = value
                else:
                    self._add_data(self._data, value, events)
            elif line:
                self._other_field(line)
            else:
                if self._data is not None:
                    self._dispatch(self._data, events)
                self._error = False
        return events

    def _dispatch(self, data: bytes, events: list[Event]) -> None:
        if self._more_data:
            data = b"\n".join([data, *self._more_data])
            self._more_data.clear()
            self._buffered_size = 0
        self._data = None
        if data and not data.isspace():
            events.append(Event(data, self._error))

    def _add_data(self, first: bytes, value: bytes, events: list[Event]) -> None:
        """Add a data line to the event, or start the next event if the blank line is missing."""
        last = self._more_data[-1] if self._more_data else first
        if last.endswith((b"}", b"]")) and _is_complete(b"\n".join([first, *self._more_data])):
            self._dispatch(first, events)
            self._data = value
        else:
            self._more_data.append(value)
        self._count_buffered(len(value))

    def _other_field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name == b"event":
            self._error = value.strip() == b"error"
        elif name == b"error":
            self._error = True
            self._data = value.strip()
        elif name not in (b"", b"id", b"retry", b"data"):
            self._stray.append(line)
            self._count_buffered(len(line))

    def _count_buffered(self, size: int) -> None:
        self._buffered_size += size
        if self._buffered_size > self._largest:
            raise self._too_large()

    def _too_large(self) -> BackendViolation:
        return BackendViolation(f"the backend sent an event of more than {self._largest} bytes")


def _is_complete(data: bytes) -> bool:
    if not data.startswith((b"{", b"[")):
        return False
    try:
        decode_json(data)
    except InvalidJSON:
        return data.strip() == b"[DONE]"
    return True
