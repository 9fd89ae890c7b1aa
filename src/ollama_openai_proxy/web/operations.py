"""Serves the operations of the specification. Connexion binds each to a function made here."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware
from connexion.operations import AbstractOperation
from connexion.resolver import Resolver
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import ClientLeft
from ..handlers import Handler, Raw, WithBody
from ..services.context import Services
from ..services.per_key import PerKeyServices
from ..services.request import Request
from ..telemetry import RequestMetrics, metrics_of
from .disconnect import CancelOnDisconnect
from .failures import failure_of
from .request_body import RequestBody, read_body

type SelectServices = Callable[[list[tuple[bytes, bytes]]], Services]
"""Returns the services for a request with these headers."""


class ServedOperation:
    """One operation and its handler, as an ASGI application.

    This is the function that Connexion's resolver returns. Connexion's own wrapper would inspect
    the handler's signature and resolve media types at every request, which costs about 300 µs.
    The body is decoded as JSON regardless of its media type, as in Ollama.
    """

    def __init__(
        self,
        name: str,
        method: str,
        handler: Handler,
        schemas: Mapping[str, Any],
        services: SelectServices,
    ) -> None:
        self._name = name.removesuffix("_head")  # HEAD is recorded as GET
        self._method = method.upper()
        self._error_format = handler.error_format
        self._services = services
        self._reads_body = isinstance(handler, WithBody)
        self._raw = handler.function if isinstance(handler, Raw) else None
        self._respond = None if isinstance(handler, Raw) else handler.bind(schemas)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Every failure becomes an error response here."""
        if scope["method"] != self._method:  # Starlette routes HEAD to GET
            raise HTTPException(405)
        metrics = metrics_of(scope)
        metrics.operation = self._name
        try:
            await self._serve(scope, receive, send, metrics)
        except ClientLeft as left:
            metrics.fail(left)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  (the edge)
            failure = failure_of(error, metrics)
            ignored = [RuntimeError] if isinstance(error, asyncio.CancelledError) else []
            with contextlib.suppress(*ignored):  # a part of the response may have been sent
                await self._error_format.response(failure).send(send)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, metrics: RequestMetrics
    ) -> None:
        request = Request(
            self._services(scope["headers"]),
            metrics,
            method=scope["method"],
            parameters=scope.get("path_params", {}),
            query=scope["query_string"],
            headers=scope["headers"],
        )
        if self._respond is None:
            assert self._raw is not None  # noqa: S101  (one of the two is set)
            body = RequestBody(receive)
            async with CancelOnDisconnect(body.receive, metrics):
                await (await self._raw(request, body)).send(send)
            return
        content = await read_body(receive) if self._reads_body else b""
        async with CancelOnDisconnect(receive, metrics):
            await (await self._respond(request, content)).send(send)


def bind(
    document: Mapping[str, Any], handlers: Mapping[str, Handler], services: SelectServices
) -> dict[str, ASGIApp]:
    """The functions that serve the operations of a specification, by operationId.

    Raises ValueError for an operation without a handler.
    """
    schemas = document["components"]["schemas"]
    served: dict[str, ASGIApp] = {}
    for item in document["paths"].values():
        for method, operation in item.items():
            name = operation["operationId"]
            if name not in handlers:
                raise ValueError(f"no handler for the operation {name}")
            served[name] = ServedOperation(name, method, handlers[name], schemas, services)
    return served


def resolver(operations: Mapping[str, ASGIApp]) -> Resolver:
    """Connexion's resolver: operationId → the function that serves the operation."""
    return Resolver(operations.__getitem__)


def services_of(services: Services, per_key: PerKeyServices | None) -> SelectServices:
    """A function that selects the services: one set for all requests, or one per client key."""
    return per_key.services if per_key is not None else lambda _: services


class OperationsAPI(RoutedAPI):
    """The operations of one specification, as bound by Connexion's resolver."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> ASGIApp:
        """The function that the resolver returned for the operation."""
        function: ASGIApp = operation.function
        return function


class Operations(RoutedMiddleware):
    """The innermost application: calls the function of the operation that Connexion's router found.

    Connexion's own application would route a second time.
    """

    api_cls = OperationsAPI

    def __init__(self) -> None:
        super().__init__(_no_operation)


async def _no_operation(scope: Scope, receive: Receive, send: Send) -> None:
    raise HTTPException(404)
