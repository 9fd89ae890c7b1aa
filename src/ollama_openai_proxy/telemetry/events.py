"""What observers are told."""

from typing import Literal

import msgspec

from ..errors import Fault

type Side = Literal["client", "backend"]


class RequestFinished(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that is told of a request, at its end. Times are in ns, and None where nothing happened.

    `status` is the one that was sent, or would have been; a stream that failed on the way has 200
    and a `kind`. Neither a key nor anything that was said is among the facts.
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
    """Bytes of the body."""
    streamed: bool
    kind: str | None
    fault: Fault | None
    reason: str | None
    """Why the backend could not be asked, in words of ours."""
    backend_request_id: str | None


class BackendAnswered(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A request to the backend got an answer's head, or failed.

    `status` is a number, or the kind of failure; `duration` (ns) is until the head came.
    """

    path: str
    status: str
    duration: int | None


class Observer:
    """Who reads what happens; does nothing with what it does not override."""

    def request_finished(self, details: RequestFinished) -> None:
        """A request ended, however it did."""

    def stream_opened(self, operation: str) -> None:
        """A streamed answer begins; it ends with its request."""

    def backend_answered(self, details: BackendAnswered) -> None:
        """The backend answered, or did not."""

    def contract_violated(self, side: Side) -> None:
        """What a side sent is not what the specification says."""

    def unsolicited_data(self) -> None:
        """A backend sent data that no request asked for."""
