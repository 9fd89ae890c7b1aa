"""The service's backend client, for tests that use it directly."""

from ollama_openai_proxy.backend import Backend, Timeouts
from ollama_openai_proxy.backend.transport import AiohttpTransport, Transport

from .limits import HANG

PATIENT = Timeouts(HANG, HANG)


def open_backend(url: str, key: str | None = None, transport: Transport | None = None) -> Backend:
    """A backend client for `url`, on a fake transport or, by default, on the network."""
    return Backend(url, [key] if key else [], PATIENT, transport or AiohttpTransport(HANG))
