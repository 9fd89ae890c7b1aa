"""Lookup of the backend's models by name, and detection of the backend's dialect."""

from ollama_openai_proxy_models import openai

from ..backend import Catalogue, Listing
from ..config.settings import Settings
from ..errors import BackendRefused, BadRequest, ModelNotFound, NotSupported
from ..profiles import dialects
from ..profiles.dialects import Dialect
from ..translator.models import names

_MAX_AGE_LISTED = 3600.0
"""Seconds for which a listed name is trusted; the backend rejects models removed since then."""
_MAX_AGE_UNLISTED = 1.0
"""Seconds for which an unlisted name is trusted; the model may have been added since then."""
_NO_LIST = (400, 404, 405, 413, 501)
"""Statuses of backends that have no model list."""
_FORBIDDEN = (401, 403)
"""Statuses of backends that do not show the model list to our key."""


class Models:
    """The backend's models by the names that Ollama clients use for them."""

    def __init__(self, catalogue: Catalogue, settings: Settings, host: str) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._by_host = dialects.by_host(host)
        self._listing: Listing | None = None
        self._index = names.Index(())
        self._by_id: dict[str, openai.Model] = {}

    @property
    def dialect(self) -> Dialect:
        """The dialect by the settings, else by the host name, else by the first model's owner."""
        if self._settings.dialect != "auto":
            return dialects.DIALECTS[self._settings.dialect]
        if self._by_host is dialects.GENERIC and self._listing and self._listing.models:
            return dialects.by_owner(self._listing.models[0].owned_by)
        return self._by_host

    async def all(self) -> tuple[openai.Model, ...]:
        """The backend's model list, as fresh as the settings require. Raises if it is missing."""
        listing = await self._fresh(None)
        if listing.error is not None:
            raise _list_error(listing.error)
        return listing.models

    async def resolve(self, name: str, missing: str) -> openai.Model:
        """Return the model that `name` means.

        A name that the backend does not list is rejected if the list is complete, else forwarded
        to the backend unchanged. Raises ModelNotFound with the message `missing`, or BadRequest
        for an invalid name.
        """
        model = await self._find(name)
        if model is not None:
            return model
        plain = names.without_source(name)
        if not names.is_valid(plain):
            raise BadRequest("invalid model name")
        return self._unlisted(plain, missing)

    async def passed(self, name: str, missing: str) -> openai.Model:
        """Like `resolve`, but accept names that are invalid in Ollama: the backend may use them."""
        return await self._find(name) or self._unlisted(name, missing)

    async def aclose(self) -> None:
        """Cancel a pending request for the model list."""
        await self._catalogue.aclose()

    def lists(self, id_: str) -> bool:
        """Whether the most recent model list contains this id."""
        return id_ in self._by_id

    async def described(self, name: str, missing: str) -> openai.Model:
        """Like `resolve`, for callers that need the metadata in the list.

        Raises the backend's error if it does not show the list to our key, rather than making up
        metadata.
        """
        model = await self.resolve(name, missing)
        error = self._listing.error if self._listing is not None else None
        if isinstance(error, BackendRefused) and error.status in _FORBIDDEN:
            raise error
        return model

    async def _find(self, name: str) -> openai.Model | None:
        for age in (_MAX_AGE_LISTED, _MAX_AGE_UNLISTED):
            await self._fresh(age)
            id_ = self._index.find(name)
            if id_ is not None:
                return self._by_id[id_]
        return None

    def _unlisted(self, name: str, missing: str) -> openai.Model:
        if self._refuses_unlisted():
            raise ModelNotFound(missing)
        return openai.Model(id=names.without_default_tag(name.strip()))

    async def _fresh(self, max_age: float | None) -> Listing:
        listing = await self._catalogue.listing(max_age)
        if listing is not self._listing:
            self._listing = listing
            self._by_id = {model.id: model for model in listing.models}
            self._index = names.Index(self._by_id)
        return listing

    def _refuses_unlisted(self) -> bool:
        if self._settings.unlisted_models != "auto":
            return self._settings.unlisted_models == "refuse"
        listed = self._listing is not None and self._listing.error is None
        return listed and self.dialect.lists_all


def _list_error(error: Exception) -> Exception:
    if isinstance(error, BackendRefused) and error.status in _NO_LIST:
        return NotSupported(f"the backend does not list its models: {error.message}")
    return error
