"""The log lines about the backend when the service starts."""

import logging
from collections.abc import Sequence

from ollama_openai_proxy_models import openai

from .backend import Backend, Catalogue
from .config.settings import Settings
from .errors import ProxyError
from .translator.models.names import display

_log = logging.getLogger(__name__)
_SHOWN = 5
"""Models that are named; a provider may have hundreds."""


async def report_backend(settings: Settings, backend: Backend, catalogue: Catalogue) -> None:
    """Log whether the backend responds and which models it offers.

    A backend that is down does not stop the start: it may come up later.
    """
    if settings.keyless:
        _log.info("%s is asked with the clients' keys", backend.host)
        return
    try:
        listing = await catalogue.listing()
    except ProxyError as failure:
        _log.warning("%s; requests are answered with this until it is there", failure.message)
        return
    if listing.error is not None:
        _log.warning("no list of models from %s: %s", backend.host, listing.error.message)
    else:
        _log.info("%s offers %s", backend.host, _some_of(listing.models))


def _some_of(models: Sequence[openai.Model]) -> str:
    names = [display(model.id) for model in models[:_SHOWN]]
    more = [f"{len(models) - _SHOWN} more"] if len(models) > _SHOWN else []
    return ", ".join(names + more) or "no models"
