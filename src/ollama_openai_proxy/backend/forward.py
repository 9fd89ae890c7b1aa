"""Filters the headers of requests and responses that pass through."""

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import NamedTuple

from ..access.credentials import CREDENTIALS, is_basic, key_in

type Headers = list[tuple[bytes, bytes]]

# Hop-by-hop headers: those of RFC 9110 §7.6.1, and others that older software treats the same way.
_OF_A_CONNECTION = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
        b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
    }
)  # fmt: skip
# Headers about the client, its browser and its route to us. `accept-encoding` is replaced because
# an error event can be appended to a broken stream only if the stream is not compressed.
_OF_THE_CLIENT = frozenset(
    {
        b"host", b"content-length", b"accept-encoding", b"expect", b"cookie", b"origin",
        b"referer", b"forwarded", b"via", b"x-real-ip",
    }
)  # fmt: skip
_OF_THE_CLIENT_BEGIN = (b"sec-", b"x-forwarded-", b"access-control-")
# Headers that apply to the backend's origin or reveal the owner of our API key. Our server sets
# `date` itself.
_OF_THE_BACKEND = frozenset(
    {
        b"set-cookie", b"date", b"alt-svc", b"strict-transport-security", b"www-authenticate",
        b"openai-organization", b"openai-project",
    }
)  # fmt: skip
_OF_THE_BACKEND_BEGIN = (b"access-control-",)


class Forward(NamedTuple):
    """A request to forward. `path` is percent-encoded, `query` as the client sent it.

    If `content` is streamed, its length is the `content-length` in `headers`, if any. With
    `credentials`, an API key that the client sent replaces ours.
    """

    method: str
    path: str
    query: bytes
    headers: Headers
    content: bytes | AsyncIterable[bytes] | None
    credentials: bool = False


def request_headers(forward: Forward, own: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the client's headers without those that must not be forwarded, followed by `own`.

    If both have the same header, the client's is used, except for `accept-encoding`.
    """
    kept = _end_to_end(forward.headers, _OF_THE_CLIENT, _OF_THE_CLIENT_BEGIN)
    kept = [pair for pair in kept if pair[0] not in CREDENTIALS or _is_forwarded(forward, *pair)]
    if not isinstance(forward.content, bytes | None):
        kept += [pair for pair in _lowered(forward.headers) if pair[0] == b"content-length"]
    given = {name for name, _ in kept}
    if given & CREDENTIALS:
        given.add(b"authorization")
    ours = ((name.encode(), value.encode()) for name, value in own.items())
    kept += [(name, value) for name, value in ours if name not in given]
    return [(name.decode("latin-1"), _text(value)) for name, value in kept]


def _is_forwarded(forward: Forward, name: bytes, value: bytes) -> bool:
    """Whether a credential is forwarded. Backends do not accept Basic: a key that the client sent
    as its password is in `own`."""
    basic = name == b"authorization" and is_basic(value)
    return forward.credentials and not basic and key_in(name, value) is not None


def answer_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return the backend's headers without those that must not reach the client."""
    return _end_to_end(headers, _OF_THE_BACKEND, _OF_THE_BACKEND_BEGIN)


def _end_to_end(
    headers: Iterable[tuple[bytes, bytes]], but: frozenset[bytes], but_begin: tuple[bytes, ...]
) -> Headers:
    pairs = _lowered(headers)
    named = {
        name.strip().lower()
        for header, value in pairs
        if header == b"connection"
        for name in value.split(b",")
    }
    without = but | _OF_A_CONNECTION | named
    return [pair for pair in pairs if pair[0] not in without and not pair[0].startswith(but_begin)]


def _text(value: bytes) -> str:
    """Decode a header value so that an HTTP client, which encodes UTF-8, sends the same bytes."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _lowered(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return [(name.lower(), value) for name, value in headers]
