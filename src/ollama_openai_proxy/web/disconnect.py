"""Cancellation of requests whose client disconnected, which frees the backend."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from types import TracebackType
from typing import Any

from ..errors import ClientLeft
from ..telemetry import RequestMetrics

type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class CancelOnDisconnect:
    """A context manager that cancels its body, and raises ClientLeft, when the client disconnects.

    ASGI reports a disconnect only to a pending `receive()`. A handler that waits for the backend
    has none, so without this class the backend would stay busy until the first token. `receive`
    must not return the request body: read the body before, or pass `RequestBody.receive`.
    """

    def __init__(self, receive: Receive, metrics: RequestMetrics) -> None:
        self._receive = receive
        self._metrics = metrics
        self._left = False
        self._task: asyncio.Task[Any] | None = None
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        self._task = asyncio.current_task()
        self._watch = asyncio.create_task(self._wait_for_disconnect())

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
            raise ClientLeft("the client disconnected") from None

    async def _wait_for_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left = True
        self._metrics.disconnect()
        if self._task is not None:
            self._task.cancel()
