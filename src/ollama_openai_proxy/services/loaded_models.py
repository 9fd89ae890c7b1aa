"""Tracking of loaded models: those whose keep_alive has not expired since their last use."""

from datetime import UTC, datetime, timedelta

from ollama_openai_proxy_models import openai

from ..translator.models.listing import LoadedModel

_FOREVER = timedelta(days=292 * 365)
"""Ollama replaces a negative keep_alive with the largest time.Duration, about 292 years."""


class LoadedModels:
    """Loaded models. `default` is the keep_alive, in seconds, of requests without one."""

    def __init__(self, default: float) -> None:
        self._default = default
        self._loaded: dict[str, LoadedModel] = {}
        self._keep_alives: dict[str, float] = {}

    def keep(self, model: openai.Model, keep_alive: float | None, now: int) -> None:
        """Record a use of `model` at `now` (ns since 1970) and load it for `keep_alive` seconds.

        0 unloads the model at once. None keeps the keep_alive of an earlier request while the
        model is still loaded, else it means the default.
        """
        self._sweep(now)
        if keep_alive is None:
            keep_alive = self._keep_alives.get(model.id, self._default)
        if keep_alive == 0:
            self._forget(model.id)
            return
        longest = _FOREVER.total_seconds()
        duration = timedelta(seconds=min(keep_alive, longest))
        self._loaded[model.id] = LoadedModel(model, _datetime(now) + duration)
        self._keep_alives[model.id] = keep_alive

    def at(self, now: int) -> list[LoadedModel]:
        """The models that are loaded at `now`, in ns since 1970."""
        self._sweep(now)
        return list(self._loaded.values())

    def _sweep(self, now: int) -> None:
        wall = _datetime(now)
        expired = [id_ for id_, model in self._loaded.items() if model.expires_at <= wall]
        for id_ in expired:
            self._forget(id_)

    def _forget(self, id_: str) -> None:
        self._loaded.pop(id_, None)
        self._keep_alives.pop(id_, None)


def _datetime(ns: int) -> datetime:
    return datetime.fromtimestamp(ns / 1e9, UTC)
