"""The interface between the backend client and the network.

Everything that observes or replaces the network implements `Transport`: instrumentation,
validation, the test fakes and the HTTP client itself. No types of an HTTP library are used here.
"""

from collections.abc import AsyncIterable, Sequence
from typing import NamedTuple, Protocol

type RawHeaders = Sequence[tuple[bytes, bytes]]


class BackendRequest(NamedTuple):
    """A request to send. Header names are in lower case. A streamed `body` has no known length.

    `id` is sent as `x-request-id` if it is not empty. If the request `passes_through`, its body is
    the client's own, and its response is not decompressed.
    """

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes | AsyncIterable[bytes] | None = None
    id: str = ""
    passes_through: bool = False


class BackendResponse(Protocol):
    """A response whose head has been received."""

    status: int
    reason: str
    headers: RawHeaders

    async def read_some(self) -> bytes:
        """Return the bytes that have arrived, at least one; empty at the end of the body.

        Raises BackendUnreachable, BackendTimeout or BackendViolation if the body is incomplete.
        """

    def close(self) -> None:
        """Free the connection. A response that has not been read to its end is aborted."""


class Transport(Protocol):
    """Sends requests to a backend."""

    async def send(self, request: BackendRequest) -> BackendResponse:
        """Return the response as soon as its head is received, whatever its status.

        Raises BackendUnreachable, BackendTimeout or BackendViolation.
        """

    async def close(self) -> None:
        """Close every connection."""


def header(response: BackendResponse, name: bytes) -> str:
    """Return the value of a header, decoded as ISO-8859-1 (RFC 9110 §5.5); empty if missing.

    `name` must be in lower case.
    """
    for known, value in response.headers:
        if known.lower() == name:
            return value.decode("latin-1")
    return ""
