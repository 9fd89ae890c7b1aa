"""The client of an OpenAI-compatible backend. It does not depend on the Ollama API."""

from .catalogue import Catalogue, Listing
from .client import Backend, decoded
from .exchange import Exchange, Timeouts
from .forward import Forward, answer_headers

__all__ = [
    "Backend",
    "Catalogue",
    "Exchange",
    "Forward",
    "Listing",
    "Timeouts",
    "answer_headers",
    "decoded",
]
