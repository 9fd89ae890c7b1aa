"""Which headers of a request and a response that pass through are forwarded."""

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import NamedTuple

from ..access.credentials import CREDENTIALS, is_basic, key_in

type Headers = list[tuple[bytes, bytes]]

# RFC 9110 7.6.1, and what older software treats so; each connection has its own.
_OF_A_CONNECTION = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
        b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
    }
)  # fmt: skip
# What speaks of the client, its browser and its way to us; the bytes are asked for unpacked, so
# that a failure on the way can be told behind them.
_OF_THE_CLIENT = frozenset(
    {
        b"host", b"content-length", b"accept-encoding", b"expect", b"cookie", b"origin",
        b"referer", b"forwarded", b"via", b"x-real-ip",
    }
)  # fmt: skip
_OF_THE_CLIENT_BEGIN = (b"sec-", b"x-forwarded-", b"access-control-")
# What speaks of the backend's origin, or of whose key it is; `date` is the server's own.
_OF_THE_BACKEND = frozenset(
    {
        b"set-cookie", b"date", b"alt-svc", b"strict-transport-security", b"www-authenticate",
        b"openai-organization", b"openai-project",
    }
)  # fmt: skip
_OF_THE_BACKEND_BEGIN = (b"access-control-",)


class Forward(NamedTuple):
    """A request to pass on. `path` is percent-encoded, `query` as the client sent it.

    `content` that comes in pieces has the length that `headers` tell, if they do. With
    `credentials` the client's key, where it sends one, is used in place of ours.
    """

    method: str
    path: str
    query: bytes
    headers: Headers
    content: bytes | AsyncIterable[bytes] | None
    credentials: bool = False


def request_headers(forward: Forward, own: Mapping[str, str]) -> list[tuple[str, str]]:
    """The client's headers without those that are not for the backend, then `own`.

    Of two with one name the client's wins, except for `accept-encoding`.
    """
    kept = _end_to_end(forward.headers, _OF_THE_CLIENT, _OF_THE_CLIENT_BEGIN)
    kept = [pair for pair in kept if pair[0] not in CREDENTIALS or _goes_along(forward, *pair)]
    if not isinstance(forward.content, bytes | None):
        kept += [pair for pair in _lowered(forward.headers) if pair[0] == b"content-length"]
    given = {name for name, _ in kept}
    if given & CREDENTIALS:
        given.add(b"authorization")
    ours = ((name.encode(), value.encode()) for name, value in own.items())
    kept += [(name, value) for name, value in ours if name not in given]
    return [(name.decode("latin-1"), _text(value)) for name, value in kept]


def _goes_along(forward: Forward, name: bytes, value: bytes) -> bool:
    """Whether a credential does. A password stands in `own` then: backends take no Basic."""
    basic = name == b"authorization" and is_basic(value)
    return forward.credentials and not basic and key_in(name, value) is not None


def answer_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The backend's headers without those that are not for the client."""
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
    """A header's value as text that an HTTP client, which encodes UTF-8, sends unchanged."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _lowered(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return [(name.lower(), value) for name, value in headers]
