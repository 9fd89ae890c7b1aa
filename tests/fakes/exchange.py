"""Backend responses with exact headers and body parts, without HTTP."""

from collections.abc import Sequence

from ollama_openai_proxy.backend import Exchange
from ollama_openai_proxy.backend.redaction import Redactor
from ollama_openai_proxy.backend.transport import BackendRequest, BackendResponse
from ollama_openai_proxy.backend.transport.seam import RawHeaders

from .backends import PATIENT

_REQUEST = BackendRequest("POST", "http://backend.test/v1/x", (), passes_through=True)


class ScriptedResponse:
    """Returns the parts in order. An exception among them is raised instead."""

    reason: str = ""

    def __init__(
        self,
        status: int,
        headers: Sequence[tuple[bytes, bytes]],
        parts: Sequence[bytes | Exception],
    ) -> None:
        self.status = status
        self.headers: RawHeaders = headers
        self._parts = list(parts)
        self.closed = False

    async def read_some(self) -> bytes:
        part = self._parts.pop(0) if self._parts else b""
        if isinstance(part, Exception):
            raise part
        return part

    def close(self) -> None:
        self.closed = True


class ScriptedTransport:
    """Returns `outcome`, or raises it if it is an exception."""

    def __init__(self, outcome: BackendResponse | Exception) -> None:
        self._outcome = outcome

    async def send(self, request: BackendRequest) -> BackendResponse:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    async def close(self) -> None:
        pass


def exchange(outcome: BackendResponse | Exception) -> Exchange:
    """An exchange for a forwarded request."""
    return Exchange(ScriptedTransport(outcome), _REQUEST, PATIENT, Redactor([]))
