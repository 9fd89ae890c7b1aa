"""Events that observers receive."""

from typing import Literal

import msgspec

from ..errors import Fault

type Side = Literal["client", "backend"]


class RequestFinished(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Summary of a finished request. Times are in ns, or None if the event did not happen.

    `status` is the status that was sent, or would have been sent. A stream that failed midway has
    200 and a `kind`. There is no message content, and `key` is the name of the API key.
    """

    request_id: str
    operation: str
    method: str
    path: str
    client: str | None
    key: str | None
    model: str | None
    status: int
    duration: int
    first_token: int | None
    tokens_in: int
    tokens_out: int
    sent: int
    """Bytes of the response body."""
    streamed: bool
    kind: str | None
    fault: Fault | None
    reason: str | None
    """Why the backend could not be reached; never text from the backend."""
    backend_request_id: str | None


class BackendAnswered(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The backend sent the headers of a response, or the request to it failed.

    `status` is the status code or the kind of failure; `duration` is the time until the headers
    arrived, in ns.
    """

    path: str
    status: str
    duration: int | None


class Observer:
    """Base class of observers; ignores every event whose method is not overridden."""

    def request_finished(self, details: RequestFinished) -> None:
        """A request ended, successfully or not."""

    def stream_opened(self, operation: str) -> None:
        """A streamed response began; it ends with its request."""

    def backend_answered(self, details: BackendAnswered) -> None:
        """A request to the backend received response headers, or failed."""

    def contract_violated(self, side: Side) -> None:
        """A message from this side violates the specification."""

    def unsolicited_data(self) -> None:
        """A backend sent data that no request asked for."""
