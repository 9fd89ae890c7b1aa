"""Calls an OpenAI-compatible backend; the only package that knows httpx."""

from .catalogue import Catalogue, Listing
from .client import Backend, Stream, Timeouts, open_backend
from .conforming import Conforming
from .connection_pool import KeepAlive
from .connections import open_transport
from .failures import title_of
from .forward import Forward, Forwarded
from .watched import watched

__all__ = [
    "Backend",
    "Catalogue",
    "Conforming",
    "Forward",
    "Forwarded",
    "KeepAlive",
    "Listing",
    "Stream",
    "Timeouts",
    "open_backend",
    "open_transport",
    "title_of",
    "watched",
]
