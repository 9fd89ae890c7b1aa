"""Calls an OpenAI-compatible backend; the only package that knows httpx."""

from .catalogue import Catalogue, Listing
from .client import Backend, Stream, Timeouts, open_backend
from .failures import title_of
from .forward import Forward, Forwarded
from .transport.connection_pool import KeepAlive
from .transport.instrumented import watched
from .transport.network import open_transport
from .transport.validating import ValidatingTransport

__all__ = [
    "Backend",
    "Catalogue",
    "Forward",
    "Forwarded",
    "KeepAlive",
    "Listing",
    "Stream",
    "Timeouts",
    "ValidatingTransport",
    "open_backend",
    "open_transport",
    "title_of",
    "watched",
]
