"""What is lent to clients whose own keys go to the backend."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from hashlib import sha256

from ..access.credentials import keys_in
from .context import Services

_MOST = 256
"""Clients that are remembered; who comes back later has only its list of models read again."""

type Keys = tuple[str, ...]


class PerKeyServices:
    """Services of its own for each key, so that no list of models is shown to another's.

    Who brings no key is lent `services`; `lend` makes those for some keys.
    """

    def __init__(self, services: Services, lend: Callable[[Keys], Services]) -> None:
        self._services = services
        self._lend = lend
        self._lent: OrderedDict[bytes, Services] = OrderedDict()

    def services(self, headers: Iterable[tuple[bytes, bytes]]) -> Services:
        """Those for a request with these headers."""
        keys = keys_in(headers)
        if not keys:
            return self._services
        digest = sha256(" ".join(keys).encode()).digest()  # no key holds a space
        lent = self._lent.get(digest)
        if lent is None:
            lent = self._lent[digest] = self._lend(keys)
            if len(self._lent) > _MOST:
                self._lent.popitem(last=False)
        else:
            self._lent.move_to_end(digest)
        return lent

    async def aclose(self) -> None:
        """Ends what is under way for them."""
        await asyncio.gather(*(services.models.aclose() for services in self._lent.values()))
