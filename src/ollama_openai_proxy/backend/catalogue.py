"""Caches the backend's model list. Concurrent callers share one request to the backend."""

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
_LIST_TIMEOUT = 30.0
"""Seconds to wait for a model list or for properties. Far shorter than the limit for a chat: every
caller waits for the same request, and if it is lost, a later one may find the backend healthy."""


class Listing(NamedTuple):
    """The model list at time `at` (seconds of the catalogue's clock).

    If the backend refused to return a list, `error` is the reason and `models` holds only those of
    the other backends.
    """

    models: tuple[openai.Model, ...]
    at: float
    error: ProxyError | None = None


class Catalogue:
    """Fetches the model list when the cached one is older than `ttl` seconds.

    `clock` returns seconds. If the backend has no list or refuses our API key, the listing has an
    error and none of its models. Models of `others` (backends that serve part of the API) are
    appended; if one of them fails, that is only logged.
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
        """Return a list that is at most `max_age` seconds old (by default, the ttl).

        Raises BackendUnreachable or BackendTimeout if the backend does not respond.
        """
        age = self._ttl if max_age is None else max_age
        if self._listing is not None and self._clock() - self._listing.at <= age:
            return self._listing
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fetch())
        # Shielded: a client that disconnects must not cancel the request that others wait for.
        return await asyncio.shield(self._flight)

    async def aclose(self) -> None:
        """Cancel a request that is in progress."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.gather(self._flight, return_exceptions=True)

    async def _fetch(self) -> Listing:
        try:
            listed = read_list(await _limited(self._backend.list_models()))
            models, error = await _with_details(listed, self._backend), None
        except (BackendRefused, BackendViolation) as refused:
            models, error = (), refused
        for other in self._others:
            models += await self._other(other, {model.id for model in models})
        self._listing = Listing(models, self._clock(), error)
        return self._listing

    async def _other(self, backend: Backend, known: set[str]) -> tuple[openai.Model, ...]:
        try:
            models = read_list(await _limited(backend.list_models()))
        except ProxyError as error:
            _log.warning("model_list_failed backend=%s: %s", backend.host, error.message)
            return ()
        new = tuple(model for model in models if model.id not in known)
        return await _with_details(new, backend)


async def _limited[T](response: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(_LIST_TIMEOUT):
            return await response
    except TimeoutError:
        raise BackendTimeout(
            f"the backend returned no model list within {_LIST_TIMEOUT:g} s"
        ) from None


async def _with_details(
    models: tuple[openai.Model, ...], backend: Backend
) -> tuple[openai.Model, ...]:
    """Add metadata that the list lacks, from llama.cpp's /props and models.dev."""
    if [model.owned_by for model in models] == [LLAMACPP]:
        try:
            models = (with_properties(models[0], await _limited(backend.get_properties())),)
        except ProxyError as error:
            _log.debug("properties_failed backend=%s: %s", backend.host, error.message)
    if any(map(models_dev.lacks_facts, models)):
        # In a thread: the first call reads the table, which takes 0.2 s.
        models = await asyncio.to_thread(models_dev.with_facts, models, backend.host)
    return models


def read_list(body: bytes) -> tuple[openai.Model, ...]:
    """Parse a model list of any known shape: `{data: […]}`, `{models: […]}` or a bare array.

    Invalid entries are skipped. Raises BackendViolation if the body is not a model list.
    """
    try:
        document = decode_json(body.strip())
    except InvalidJSON as error:
        received = "HTML" if body.lstrip()[:1] == b"<" else f"invalid JSON ({error})"
        raise _invalid_list(received) from error
    entries = document
    if isinstance(document, dict):
        entries = document["data"] if "data" in document else document.get("models")
    if not isinstance(entries, list):
        raise _invalid_list("different JSON")
    models = [model for model in map(_model, entries) if model is not None]
    by_id = {model.id: model for model in models}
    _add_capabilities(by_id, document)
    return tuple(by_id.values())


def _invalid_list(received: str) -> BackendViolation:
    return BackendViolation(
        f'the backend returned an invalid model list: expected {{"data": [...]}}, got {received}; '
        "does OPENAI_BASE_URL end in /v1?"
    )


def _add_capabilities(models: dict[str, openai.Model], document: Any) -> None:
    """Take capabilities from the second list that llama.cpp sends, under `models`."""
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
    # Gemini lists its models as `models/NAME` but accepts the bare name.
    model.id = model.id.removeprefix("models/")
    return model if model.id else None
