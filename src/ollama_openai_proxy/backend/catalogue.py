"""The backend's model list, kept for a while and fetched by one flight at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from ollama_openai_proxy_models import openai

from ..errors import BackendRefused, BackendTimeout, BackendViolation, ProxyError
from ..json_decoding import InvalidJSON, decode_json
from . import models_dev
from .client import Backend
from .properties import LLAMACPP, with_properties

_log = logging.getLogger(__name__)
_PATIENCE = 30.0
"""Seconds for what a backend tells of its models. An answer may take long, a list does not: all
wait for one flight, and one that is lost must not keep them from a backend that is well again."""


class Listing(NamedTuple):
    """The list as of `at` (seconds of the catalogue's clock). `error` says why it is empty where
    the backend would not give one."""

    models: tuple[openai.Model, ...]
    at: float
    error: ProxyError | None = None


class Catalogue:
    """Asks for the models only when what is known is too old.

    `ttl` is in seconds, as is `clock`. A backend that has no list, or does not show it to our
    key, has an empty listing with an error; one that cannot be reached raises. The models of
    `others` (backends that serve a part of the API) stand behind it, while they answer.
    """

    def __init__(
        self,
        backend: Backend,
        ttl: float,
        clock: Callable[[], float],
        others: Sequence[Backend] = (),
    ) -> None:
        self._backend = backend
        self._others = others
        self._ttl = ttl
        self._clock = clock
        self._listing: Listing | None = None
        self._flight: asyncio.Task[Listing] | None = None

    async def listing(self, max_age: float | None = None) -> Listing:
        """The list, no older than `max_age` seconds (the ttl, if None).

        Raises BackendUnreachable or BackendTimeout where there is no answer at all.
        """
        age = self._ttl if max_age is None else max_age
        if self._listing is not None and self._clock() - self._listing.at <= age:
            return self._listing
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fetch())
        # Shielded: a client that leaves must not end the flight that others wait for.
        return await asyncio.shield(self._flight)

    async def aclose(self) -> None:
        """Ends a flight that is under way."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.gather(self._flight, return_exceptions=True)

    async def _fetch(self) -> Listing:
        try:
            listed = read_list(await _in_time(self._backend.list_models()))
            models, error = await _described(listed, self._backend), None
        except (BackendRefused, BackendViolation) as refused:
            models, error = (), refused
        for other in self._others:
            models += await self._other(other, {model.id for model in models})
        self._listing = Listing(models, self._clock(), error)
        return self._listing

    async def _other(self, backend: Backend, known: set[str]) -> tuple[openai.Model, ...]:
        try:
            models = read_list(await _in_time(backend.list_models()))
        except ProxyError as error:
            _log.warning("no models from %s: %s", backend.host, error.message)
            return ()
        new = tuple(model for model in models if model.id not in known)
        return await _described(new, backend)


async def _in_time[T](told: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await told
    except TimeoutError:
        raise BackendTimeout(
            f"the backend did not tell of its models within {_PATIENCE:g} s"
        ) from None


async def _described(
    models: tuple[openai.Model, ...], backend: Backend
) -> tuple[openai.Model, ...]:
    """The models with what is told of them elsewhere than in the list."""
    if [model.owned_by for model in models] == [LLAMACPP]:
        try:
            models = (with_properties(models[0], await _in_time(backend.get_properties())),)
        except ProxyError as error:
            _log.debug("no properties from %s: %s", backend.host, error.message)
    if any(map(models_dev.lacks_facts, models)):
        # The table is read once, which takes a fifth of a second.
        models = await asyncio.to_thread(models_dev.with_facts, models, backend.host)
    return models


def read_list(body: bytes) -> tuple[openai.Model, ...]:
    """The models in a list of any shape: `{data: […]}`, `{models: […]}` or a bare array.

    Raises BackendViolation for a body that is none. One odd entry does not spoil the others.
    """
    try:
        document = decode_json(body.strip())
    except InvalidJSON as error:
        raise BackendViolation(f"the backend's model list cannot be read: {error}") from error
    entries = document
    if isinstance(document, dict):
        entries = document["data"] if "data" in document else document.get("models")
    if not isinstance(entries, list):
        raise BackendViolation("the backend's model list is none")
    models = [model for model in map(_model, entries) if model is not None]
    by_id = {model.id: model for model in models}
    _add_capabilities(by_id, document)
    return tuple(by_id.values())


def _add_capabilities(models: dict[str, openai.Model], document: Any) -> None:
    """llama.cpp tells them in a second list, under `models`."""
    others = document.get("models") if isinstance(document, dict) and "data" in document else None
    for other in others if isinstance(others, list) else ():
        name = other.get("name") if isinstance(other, dict) else None
        model = models.get(name) if isinstance(name, str) else None
        if model is not None and model.capabilities is None:
            model.capabilities = other.get("capabilities")


def _model(entry: Any) -> openai.Model | None:
    if isinstance(entry, dict) and not entry.get("id"):
        entry = {**entry, "id": entry.get("name")}
    try:
        model = msgspec.convert(entry, openai.Model)
    except msgspec.ValidationError:
        id_ = entry.get("id") if isinstance(entry, dict) else entry
        return openai.Model(id=id_) if isinstance(id_, str) and id_ else None
    # Gemini's list puts the kind in front of the name.
    model.id = model.id.removeprefix("models/")
    return model if model.id else None
