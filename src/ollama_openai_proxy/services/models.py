"""Which of the backend's models a name means, and which dialect the backend speaks."""

from ollama_openai_proxy_models import openai

from ..backend import Catalogue, Listing
from ..config.settings import Settings
from ..errors import BackendRefused, BadRequest, ModelNotFound, NotSupported
from ..profiles import dialects
from ..profiles.dialects import Dialect
from ..translator.models import names

_SETTLED = 3600.0
"""Seconds for which a name that was found is trusted: a model gone since is refused by the backend."""
_RECENT = 1.0
"""Seconds for which a name that was not found stays so: a model may just have come."""
_NO_LIST = (400, 404, 405, 413, 501)
_NOT_OURS = (401, 403)


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
        """By the settings, else by the host's name, else by what the list says of its owner."""
        if self._settings.dialect != "auto":
            return dialects.DIALECTS[self._settings.dialect]
        if self._by_host is dialects.GENERIC and self._listing and self._listing.models:
            return dialects.by_owner(self._listing.models[0].owned_by)
        return self._by_host

    async def all(self) -> tuple[openai.Model, ...]:
        """The backend's list, as fresh as the settings ask; raises where it gives none."""
        listing = await self._fresh(None)
        if listing.error is not None:
            raise _no_list(listing.error)
        return listing.models

    async def resolve(self, name: str, missing: str) -> openai.Model:
        """The model that `name` means.

        One that the backend does not list is refused where its list is all there is, else passed
        on as it is called. Raises ModelNotFound with the text `missing`, or BadRequest for what
        cannot be a name.
        """
        model = await self._find(name)
        if model is not None:
            return model
        plain = names.without_source(name)
        if not names.is_valid(plain):
            raise BadRequest("invalid model name")
        return self._unlisted(plain, missing)

    async def passed(self, name: str, missing: str) -> openai.Model:
        """As `resolve`, but what cannot be a name in Ollama may be one of the backend's."""
        return await self._find(name) or self._unlisted(name, missing)

    async def aclose(self) -> None:
        """Ends a reading of the list that is under way."""
        await self._catalogue.aclose()

    def lists(self, id_: str) -> bool:
        """Whether the backend's list, as it was last seen, has this id."""
        return id_ in self._by_id

    async def described(self, name: str, missing: str) -> openai.Model:
        """As `resolve`, for who wants what the list says of a model: a backend that does not show
        it to our key is no reason to make something up."""
        model = await self.resolve(name, missing)
        error = self._listing.error if self._listing is not None else None
        if isinstance(error, BackendRefused) and error.status in _NOT_OURS:
            raise error
        return model

    async def _find(self, name: str) -> openai.Model | None:
        for age in (_SETTLED, _RECENT):
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


def _no_list(error: Exception) -> Exception:
    if isinstance(error, BackendRefused) and error.status in _NO_LIST:
        return NotSupported(f"the backend gives no list of its models: {error.message}")
    return error
