"""Services for each client key, used if clients' own keys are sent to the backend."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from hashlib import sha256

from ..access.credentials import keys_in
from .context import Services

_MOST = 256
"""Keys whose services are cached. For an evicted key only the model list is requested again."""

type Keys = tuple[str, ...]


class PerKeyServices:
    """One set of services for each client key, so that no client sees another key's model list.

    `services` serve requests without a key; `create` returns services for the keys of a request.
    """

    def __init__(self, services: Services, create: Callable[[Keys], Services]) -> None:
        self._services = services
        self._create = create
        self._by_key: OrderedDict[bytes, Services] = OrderedDict()

    def services(self, headers: Iterable[tuple[bytes, bytes]]) -> Services:
        """The services for a request with these headers."""
        keys = keys_in(headers)
        if not keys:
            return self._services
        digest = sha256(" ".join(keys).encode()).digest()  # keys contain no spaces
        services = self._by_key.get(digest)
        if services is None:
            services = self._by_key[digest] = self._create(keys)
            if len(self._by_key) > _MOST:
                self._by_key.popitem(last=False)
        else:
            self._by_key.move_to_end(digest)
        return services

    async def aclose(self) -> None:
        """Cancel the pending requests of all services that were created."""
        await asyncio.gather(*(services.models.aclose() for services in self._by_key.values()))
