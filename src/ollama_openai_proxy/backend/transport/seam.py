"""The seam between the backend client and the network: a request in, a response out.

Everything that observes or replaces the network implements `Transport`: instrumentation, validation,
the test fakes, and the HTTP client itself. No type of an HTTP library appears here.
"""

from collections.abc import AsyncIterable, Sequence
from typing import NamedTuple, Protocol

type RawHeaders = Sequence[tuple[bytes, bytes]]


class BackendRequest(NamedTuple):
    """A request to send. Header names are in lower case; a `body` in parts has no known length.

    `id` is sent as `x-request-id` if not empty. A request that `passes_through` carries a client's
    own body, and its response is returned without decompression.
    """

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes | AsyncIterable[bytes] | None = None
    id: str = ""
    passes_through: bool = False


class BackendResponse(Protocol):
    """A response whose head has been received. `close` frees the connection at any time."""

    status: int
    reason: str
    headers: RawHeaders

    async def read_some(self) -> bytes:
        """The bytes that have arrived, at least one; empty at the end of the body.

        Raises BackendUnreachable, BackendTimeout or BackendViolation if the body breaks off.
        """

    def close(self) -> None:
        """Free the connection. A response that was not read to its end is aborted."""


class Transport(Protocol):
    """Sends requests."""

    async def send(self, request: BackendRequest) -> BackendResponse:
        """Return the response as soon as its head is there, whatever its status.

        Raises BackendUnreachable, BackendTimeout or BackendViolation.
        """

    async def close(self) -> None:
        """Close every connection."""


def header(response: BackendResponse, name: bytes) -> str:
    """The value of a header, decoded as ISO-8859-1 (RFC 9110 §5.5); empty if it is missing."""
    for known, value in response.headers:
        if known.lower() == name:
            return value.decode("latin-1")
    return ""
