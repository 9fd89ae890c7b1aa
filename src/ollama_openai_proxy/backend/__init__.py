"""Calls an OpenAI-compatible backend; the only package that knows httpx."""

from .catalogue import Catalogue, Listing
from .client import Backend, Stream, Timeouts, open_backend
from .failures import title_of
from .forward import Forward, Forwarded

__all__ = [
    "Backend",
    "Catalogue",
    "Forward",
    "Forwarded",
    "Listing",
    "Stream",
    "Timeouts",
    "open_backend",
    "title_of",
]
