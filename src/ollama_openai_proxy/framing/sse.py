"""Bytes → server-sent events, as the backends really send them."""

import msgspec

from ..errors import BackendViolation
from ..json_decoding import InvalidJSON, decode_json

LARGEST_EVENT = 16 * 1024 * 1024
"""Bytes of one event, or of text between events, beyond which a stream is given up."""

_BOM = b"\xef\xbb\xbf"


class Event(msgspec.Struct, frozen=True, gc=False):
    """One event: its data, and whether the sender marked it as an error."""

    data: bytes
    error: bool


class SSEDecoder:
    """Gives the events of a stream, wherever its bytes are cut.

    Lines end in LF, CRLF or CR (WHATWG HTML, 9.2.6). More lenient than the standard where servers
    are known to be: a last event without its blank line counts, events parted by a single newline
    are told apart when the first is whole JSON, and a field called `error` is an error event
    (llama.cpp before September 2025). Text that belongs to no field is kept in `stray`: some
    backends answer a stream request with a plain JSON or HTML body.
    """

    def __init__(self, largest: int = LARGEST_EVENT) -> None:
        self._largest = largest
        self._pieces: list[bytes] = []
        self._data: bytes | None = None
        self._more: list[bytes] = []
        self._error = False
        self._held = 0
        self._started = False
        self._ended_in_cr = False
        self._stray: list[bytes] = []
        self._kept = 0

    @property
    def stray(self) -> bytes:
        """What came outside of any field."""
        return b"\n".join(self._stray)

    def receive(self, data: bytes) -> list[Event]:
        """The events that `data` completes. Raises BackendViolation when one grows too large."""
        if b"\r" in data or self._ended_in_cr:
            data = self._lf_only(data)
        if b"\n" not in data:
            self._hold(data)
            return []
        if self._pieces:
            self._pieces.append(data)
            data = b"".join(self._pieces)
        if not self._started and data:
            data = data.removeprefix(_BOM)
            self._started = True
        lines = data.split(b"\n")
        rest = lines.pop()
        self._pieces = [rest] if rest else []
        self._held = len(rest)
        return self._events(lines)

    def close(self) -> list[Event]:
        """The events left when the stream has ended without a last blank line."""
        line = b"".join(self._pieces)
        self._pieces = []
        if not self._started:
            line = line.removeprefix(_BOM)
        return self._events([line, b""])

    def _lf_only(self, data: bytes) -> bytes:
        """`data` with LF for CRLF and CR. The LF of a CRLF that was cut in two is dropped."""
        if self._ended_in_cr and data.startswith(b"\n"):
            data = data[1:]
            self._ended_in_cr = False
            if b"\r" not in data:
                return data
        self._ended_in_cr = data.endswith(b"\r") if data else self._ended_in_cr
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _hold(self, data: bytes) -> None:
        if data:
            self._pieces.append(data)
            self._held += len(data)
            if self._held > self._largest:
                raise BackendViolation(f"an event of the backend exceeds {self._largest} bytes")

    def _events(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if line.startswith(b"data:"):
                value = line[6:] if line.startswith(b"data: ") else line[5:]
                if self._data is None:
                    self._data = value
                else:
                    self._one_more(self._data, value, events)
            elif line:
                self._other_field(line)
            else:
                if self._data is not None:
                    self._dispatch(self._data, events)
                self._error = False
        return events

    def _dispatch(self, data: bytes, events: list[Event]) -> None:
        if self._more:
            data = b"\n".join([data, *self._more])
            self._more.clear()
            self._kept = 0
        self._data = None
        if data and not data.isspace():
            events.append(Event(data, self._error))

    def _one_more(self, first: bytes, value: bytes, events: list[Event]) -> None:
        """Another data line of one event, or of the next where the blank line was forgotten."""
        last = self._more[-1] if self._more else first
        if last.endswith((b"}", b"]")) and _is_whole(b"\n".join([first, *self._more])):
            self._dispatch(first, events)
            self._data = value
        else:
            self._more.append(value)
        self._keep(len(value))

    def _other_field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name == b"event":
            self._error = value.strip() == b"error"
        elif name == b"error":
            self._error = True
            self._data = value.strip()
        elif name not in (b"", b"id", b"retry", b"data"):
            self._stray.append(line)
            self._keep(len(line))

    def _keep(self, size: int) -> None:
        self._kept += size
        if self._kept > self._largest:
            raise BackendViolation(f"an event of the backend exceeds {self._largest} bytes")


def _is_whole(data: bytes) -> bool:
    if not data.startswith((b"{", b"[")):
        return False
    try:
        decode_json(data)
    except InvalidJSON:
        return data.strip() == b"[DONE]"
    return True
