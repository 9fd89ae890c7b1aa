"""Connexion's operations, bound to handlers: the edge where failures become answers."""

import asyncio
import contextlib
import logging
from typing import Any

from connexion.apps.asynchronous import AsyncApi, AsyncASGIApp
from connexion.operations import AbstractOperation
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from ..conformance.contract import operations as described
from ..conformance.validated_operation import ValidatedOperation
from ..conformance.violations import ViolationReporter
from ..errors import ClientLeft, ProxyError, ShuttingDown
from ..handlers import HANDLERS, Handler, Operation
from ..handlers.v1 import FORWARDED
from ..services.context import Services
from ..services.per_key import PerKeyServices
from ..telemetry import current
from .binding.request_decoder import RequestDecoder
from .disconnect import CancelOnDisconnect
from .request import Request, RequestBody

_log = logging.getLogger(__name__)


class BoundOperation:
    """An operation of the specification and its handler.

    Takes the place of Connexion's own, whose decorators look at the handler's signature and the
    media types anew at every request. The body is read as JSON whatever its media type, and held
    against the specification by the class that is generated from it.
    """

    def __init__(
        self,
        handler: Handler,
        binder: RequestDecoder[Any] | None,
        services: Services,
        operation: AbstractOperation,
        clients: PerKeyServices | None = None,
    ) -> None:
        self._handler = handler
        self._name = operation.operation_id.removesuffix("_head")  # told of as what it stands for
        self._binder = binder
        self._services = services
        self._clients = clients
        self._method = operation.method.upper()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["method"] != self._method:  # Starlette routes HEAD to GET
            raise HTTPException(405)
        running = current()
        running.operation = self._name
        try:
            await self._answer(scope, receive, send)
        except ClientLeft as left:
            running.fails(left)
        except asyncio.CancelledError:  # uvicorn does not wait any longer
            running.fails(ShuttingDown())
            with contextlib.suppress(RuntimeError):  # a part of the answer may be out
                await self._handler.envelope.document(ShuttingDown()).send(send)
        except ProxyError as failure:
            running.fails(failure)
            await self._handler.envelope.document(failure).send(send)
        except Exception:  # noqa: BLE001  (the edge: nothing may leave as a traceback)
            _log.exception("%s failed", scope["path"])
            unforeseen = ProxyError("internal error")
            running.fails(unforeseen)
            await self._handler.envelope.document(unforeseen).send(send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        clients = self._clients
        lent = self._services if clients is None else clients.services(scope["headers"])
        operation = Operation(lent)
        arguments: list[Any] = []
        if self._handler.raw:
            request = _request(scope, RequestBody(receive))
            receive = request.body.receive
            arguments.append(request)
        if self._binder is not None:
            arguments.append(self._binder.bind(await _body(receive)))
        async with CancelOnDisconnect(receive):
            answer = await self._handler.function(operation, *arguments)
            await answer.send(send)


class OperationsApi(AsyncApi):
    """The operations of one specification."""

    def __init__(
        self,
        *args: Any,
        services: Services,
        clients: PerKeyServices | None = None,
        watch: ViolationReporter | None = None,
        **kwargs: Any,
    ) -> None:
        self._services = services
        self._watch = watch
        self._clients = clients
        super().__init__(*args, **kwargs)
        self.router.redirect_slashes = False  # RouterErrors does it as gin does

    def make_operation(self, operation: AbstractOperation) -> BoundOperation | ValidatedOperation:
        """The operation bound to its handler."""
        handler = HANDLERS[operation.operation_id]
        binder = None
        if handler.body is not None:
            schemas = self.specification.raw["components"]["schemas"]
            binder = RequestDecoder(handler.body, schemas[handler.body.__name__], schemas)
        bound = BoundOperation(handler, binder, self._services, operation, self._clients)
        name = operation.operation_id
        # What is passed on is open by design, and HEAD answers as GET does.
        if self._watch is None or name in FORWARDED or operation.method == "head":
            return bound
        return ValidatedOperation(bound, described("ollama.yaml")[name], self._watch)


class OperationsApp(AsyncASGIApp):
    """Connexion's innermost app, which calls the operations."""

    api_cls = OperationsApi


def _request(scope: Scope, body: RequestBody) -> Request:
    parameters = scope.get("path_params", {})
    query = scope["query_string"]
    return Request(scope["method"], parameters, query, scope["headers"], body)


async def _body(receive: Receive) -> bytes:
    """The whole body. Raises ClientLeft when it does not come to its end."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        return body
    parts = []
    while message["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()
    raise ClientLeft("the client left")
