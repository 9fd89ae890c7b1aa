"""Frees the backend when nobody is there to be answered."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from types import TracebackType
from typing import Any

from ..errors import ClientLeft
from ..telemetry import RequestMetrics

type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class CancelOnDisconnect:
    """A context whose body is cancelled, and ClientLeft raised, when the client disconnects.

    ASGI tells of it only to who asks: while a handler waits for its backend nobody does, and a
    client that left would hold the backend until its first token. The body of the request must
    have been read before.
    """

    def __init__(self, receive: Receive, metrics: RequestMetrics) -> None:
        self._receive = receive
        self._metrics = metrics
        self._left = False
        self._task: asyncio.Task[Any] | None = None
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        self._task = asyncio.current_task()
        self._watch = asyncio.create_task(self._watching())

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._watch is not None  # noqa: S101  (for the type checker)
        assert self._task is not None  # noqa: S101
        self._watch.cancel()
        if self._left and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise ClientLeft("the client left") from None

    async def _watching(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left = True
        self._metrics.disconnect()
        if self._task is not None:
            self._task.cancel()
