"""The models that were used and are still within their keep_alive."""

from datetime import UTC, datetime, timedelta

from ollama_openai_proxy_models import openai

from ..translator.models.listing import LoadedModel

_FOREVER = timedelta(days=292 * 365)
"""What Ollama makes of a negative keep_alive: the largest time.Duration, about 292 years."""


class LoadedModels:
    """Times are in ns since 1970; `default` is the keep_alive in seconds of who gives none."""

    def __init__(self, default: float) -> None:
        self._default = default
        self._residents: dict[str, LoadedModel] = {}
        self._kept: dict[str, float] = {}

    def keep(self, model: openai.Model, keep_alive: float | None, now: int) -> None:
        """`model` is used now, and stays for `keep_alive` seconds; for 0 it goes at once.

        None is the default, or what was last asked for while the model is still there.
        """
        self._sweep(now)
        seconds = self._kept.get(model.id, self._default) if keep_alive is None else keep_alive
        if seconds == 0:
            self._forget(model.id)
            return
        longest = _FOREVER.total_seconds()
        stay = timedelta(seconds=min(seconds, longest))
        self._residents[model.id] = LoadedModel(model, _datetime(now) + stay)
        self._kept[model.id] = seconds

    def at(self, now: int) -> list[LoadedModel]:
        """Those that are still there."""
        self._sweep(now)
        return list(self._residents.values())

    def _sweep(self, now: int) -> None:
        wall = _datetime(now)
        gone = [id_ for id_, resident in self._residents.items() if resident.expires_at <= wall]
        for id_ in gone:
            self._forget(id_)

    def _forget(self, id_: str) -> None:
        self._residents.pop(id_, None)
        self._kept.pop(id_, None)


def _datetime(ns: int) -> datetime:
    return datetime.fromtimestamp(ns / 1e9, UTC)
