"""Logs the state of the backend when the service starts."""

import logging
from collections.abc import Sequence

from ollama_openai_proxy_models import openai

from .backend import Backend, Catalogue
from .config.settings import Settings
from .errors import ProxyError
from .translator.models.names import display

_log = logging.getLogger(__name__)
_SHOWN = 5
"""The number of models that are logged by name; a provider may have hundreds."""


async def report_backend(settings: Settings, backend: Backend, catalogue: Catalogue) -> None:
    """Log whether the backend responds and which models it offers.

    The service starts even if the backend is down, since it may come up later.
    """
    if settings.keyless:
        _log.info("backend_not_checked backend=%s: only clients have keys for it", backend.host)
        return
    try:
        listing = await catalogue.listing()
    except ProxyError as failure:
        _log.warning(
            "backend_unavailable backend=%s: %s; requests return this error until it is available",
            backend.host,
            failure.message,
        )
        return
    if listing.error is not None:
        _log.warning("model_list_failed backend=%s: %s", backend.host, listing.error.message)
    else:
        _log.info("backend_available backend=%s: %s", backend.host, _summary(listing.models))


def _summary(models: Sequence[openai.Model]) -> str:
    names = [display(model.id) for model in models[:_SHOWN]]
    more = [f"{len(models) - _SHOWN} more"] if len(models) > _SHOWN else []
    return ", ".join(names + more) or "no models"
