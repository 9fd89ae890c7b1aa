"""The `context` of /api/generate: a conversation, encoded as a list of integers.

In Ollama the integers are token IDs, which clients send back without reading them. Here they encode
the conversation itself, so the service stores nothing between requests. The list consists of a
marker, the number of compressed bytes, and the bytes themselves (zlib), three per integer.
"""

import zlib
from collections.abc import Iterator, Sequence

import msgspec

MOST_TEXT = 32 * 1024
"""Maximum size in bytes of a conversation's text. The oldest exchanges beyond it are dropped."""

_MARKER = 0x6F6F7001  # "oop" and a format version; Ollama's token IDs are far below this number
_WORD = 3  # bytes per integer, so that every integer fits in a signed 32-bit one
_EXCHANGE_OVERHEAD = 16  # bytes, so that empty exchanges count against the limit as well
# Limits decompression of crafted input. JSON needs at most six bytes for a byte of text.
_MOST_JSON = 8 * MOST_TEXT


class Conversation(msgspec.Struct, frozen=True, array_like=True):
    """A system prompt, and the exchanges so far as (prompt, response)."""

    system: str = ""
    exchanges: tuple[tuple[str, str], ...] = ()


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Conversation).decode


def pack(conversation: Conversation) -> list[int]:
    """Encode `conversation`, truncated to MOST_TEXT, as non-negative integers below 2^31."""
    data = zlib.compress(_encode(_truncated(conversation)))
    words = (data[at : at + _WORD] for at in range(0, len(data), _WORD))
    return [_MARKER, len(data), *(int.from_bytes(word.ljust(_WORD, b"\0")) for word in words)]


def unpack(numbers: Sequence[int]) -> Conversation | None:
    """Decode `numbers`; None if they were not created by `pack` or are damaged.

    Damage is detected by zlib's checksum.
    """
    if len(numbers) < 2 or numbers[0] != _MARKER:
        return None
    try:
        data = b"".join([word.to_bytes(_WORD) for word in numbers[2:]])
        reader = zlib.decompressobj()
        text = reader.decompress(data[: max(numbers[1], 0)], _MOST_JSON)
        return _decode(text) if reader.eof else None
    except (OverflowError, zlib.error, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _truncated(conversation: Conversation) -> Conversation:
    """The system prompt and the newest exchanges that fit in MOST_TEXT.

    A system prompt that is too long by itself is dropped.
    """
    room = MOST_TEXT - _size(conversation.system)
    system = conversation.system if room >= 0 else ""
    kept = list(_newest(conversation.exchanges, room if room >= 0 else MOST_TEXT))
    return Conversation(system, tuple(reversed(kept)))


def _newest(exchanges: tuple[tuple[str, str], ...], room: int) -> Iterator[tuple[str, str]]:
    for prompt, response in reversed(exchanges):
        room -= _size(prompt) + _size(response) + _EXCHANGE_OVERHEAD
        if room < 0:
            return
        yield prompt, response


def _size(text: str) -> int:
    return len(text.encode())
