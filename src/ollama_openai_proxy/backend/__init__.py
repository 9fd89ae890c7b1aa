"""Calls an OpenAI-compatible backend and reads its model list. Knows neither Ollama nor our clients."""

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
