"""`context`: a conversation as the numbers that a later generate request brings back.

Ollama's are token ids, which no client reads. Here they hold the conversation itself, so that
nothing is kept between requests: a mark, the length, then the deflated text, three bytes in each.
"""

import zlib
from collections.abc import Iterator, Sequence

import msgspec

MOST_TEXT = 32 * 1024
"""Bytes of text that are remembered; beyond, the oldest exchanges are forgotten."""

_MARK = 0x6F6F7001  # whose they are, and in which version
_WORD = 3
_AROUND = 16  # bytes that each exchange counts more than its text
_MOST_JSON = 8 * MOST_TEXT  # a byte of text takes six of JSON at worst


class Conversation(msgspec.Struct, frozen=True, array_like=True):
    """What has been said: the system prompt, and each prompt with its answer."""

    system: str = ""
    exchanges: tuple[tuple[str, str], ...] = ()


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Conversation).decode


def pack(conversation: Conversation) -> list[int]:
    """`conversation`, as far as it is remembered, in non-negative numbers below 2^31."""
    data = zlib.compress(_encode(_remembered(conversation)))
    words = (data[at : at + _WORD] for at in range(0, len(data), _WORD))
    return [_MARK, len(data), *(int.from_bytes(word.ljust(_WORD, b"\0")) for word in words)]


def unpack(numbers: Sequence[int]) -> Conversation | None:
    """The conversation in `numbers`; None where they are not ours, or not whole.

    zlib's own checksum tells whether they are whole.
    """
    if len(numbers) < 2 or numbers[0] != _MARK:
        return None
    try:
        data = b"".join([word.to_bytes(_WORD) for word in numbers[2:]])
        reader = zlib.decompressobj()
        text = reader.decompress(data[: max(numbers[1], 0)], _MOST_JSON)
        return _decode(text) if reader.eof else None
    except (OverflowError, zlib.error, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _remembered(conversation: Conversation) -> Conversation:
    """The system prompt and the newest exchanges, as far as there is room for them."""
    room = MOST_TEXT - _size(conversation.system)
    system = conversation.system if room >= 0 else ""
    kept = list(_newest(conversation.exchanges, room if room >= 0 else MOST_TEXT))
    return Conversation(system, tuple(reversed(kept)))


def _newest(exchanges: tuple[tuple[str, str], ...], room: int) -> Iterator[tuple[str, str]]:
    for prompt, answer in reversed(exchanges):
        room -= _size(prompt) + _size(answer) + _AROUND
        if room < 0:
            return
        yield prompt, answer


def _size(text: str) -> int:
    return len(text.encode())
