"""The transport to the backend: its interface, the HTTP client, instrumentation and validation."""

from .aiohttp_transport import AiohttpTransport
from .connection_pool import KeepAlive
from .instrumented import InstrumentedTransport
from .seam import BackendRequest, BackendResponse, Transport
from .validating import ValidatingTransport

__all__ = [
    "AiohttpTransport",
    "BackendRequest",
    "BackendResponse",
    "InstrumentedTransport",
    "KeepAlive",
    "Transport",
    "ValidatingTransport",
]
