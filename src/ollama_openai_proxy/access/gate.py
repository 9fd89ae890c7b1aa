"""ASGI middleware in front of Connexion that checks access before a request is routed."""

import socket
from functools import lru_cache
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import Exposed, ProxyError, Unauthorized
from ..telemetry import metrics_of
from ..web.error_format import error_format_of
from .authentication import Authentication
from .cors import Headers, Origins
from .hosts import Address, Hosts, is_elsewhere, is_loopback

_CACHE_SIZE = 256
"""Entries in each cache of Host headers or addresses; bounded, since clients choose the headers."""
_EXPOSED = (
    "without API keys the service accepts requests only from its own machine: "
    "set OLLAMA_OPENAI_PROXY_API_KEYS, or OLLAMA_OPENAI_PROXY_INSECURE=true to accept all requests"
)


class Gate:
    """Checks the origin (CORS), then the Host header, then the API key of each request.

    The Host header is checked only if the service is reachable from this machine alone, because
    otherwise any name may be one of its own. Both `listening`, the configured address, and the
    address at which the request arrived must be loopback addresses: another server may run the
    application on an address other than the configured one.

    Requests that pass both checks must satisfy `authentication`. Without it, and unless `open`,
    requests that arrive at a non-loopback address are rejected, whatever `listening` is.
    """

    def __init__(
        self,
        app: ASGIApp,
        origins: Origins,
        listening: str,
        authentication: Authentication | None = None,
        open: bool = True,  # noqa: A002
    ) -> None:
        self._app = app
        self._origins = origins
        self._authentication = authentication
        self._local_only = authentication is None and not open
        self._guarded = is_loopback(listening)
        hosts = Hosts(socket.gethostname(), _is_ours)
        self._allows = lru_cache(_CACHE_SIZE)(lambda host: hosts.allows(host.decode("latin-1")))
        self._allows_name = lru_cache(_CACHE_SIZE)(
            lambda host: hosts.allows_name(host.decode("latin-1"))
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to the application, or reject it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = host = b""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"origin":
                origin = value
        ruling = self._origins.rule(scope["method"], origin, host) if origin else None
        if ruling is not None:
            if ruling.verdict == "refuse":
                await _respond(send, 403, [])
                return
            if ruling.verdict == "preflight":
                await _respond(send, 204, ruling.headers)
                return
            send = _with_headers(ruling.headers, send)
        status = self._host_status(scope, host)
        if status is not None:
            await _respond(send, status, [])
            return
        rejected = self._rejection(scope)
        if rejected is not None:
            metrics_of(scope).fail(rejected)
            await error_format_of(scope["path"]).response(rejected).send(send)
            return
        await self._app(scope, receive, send)

    def _host_status(self, scope: Scope, host: bytes) -> int | None:
        """The status to respond with because of the Host header, or None to continue."""
        if not (self._guarded and _arrived_on_loopback(scope)):
            return None
        if not self._allows(host):
            return 403
        # Ollama sends 204 for names, but not for addresses.
        return 204 if scope["method"] == "OPTIONS" and self._allows_name(host) else None

    def _rejection(self, scope: Scope) -> ProxyError | None:
        """The error for a request that must not be served, or None.

        Records the name of the request's key, and removes unknown keys from its headers.
        """
        if self._authentication is None:
            return (
                Exposed(_EXPOSED) if self._local_only and _arrived_from_elsewhere(scope) else None
            )
        try:
            name = self._authentication.admit(scope["method"], scope["path"], scope["headers"])
        except Unauthorized as rejected:
            return rejected
        metrics_of(scope).key = name
        scope["headers"] = self._authentication.known(scope["headers"])
        return None


def _arrived_on_loopback(scope: Scope) -> bool:
    server: Any = scope.get("server")
    return server is not None and _is_loopback(server[0])


def _arrived_from_elsewhere(scope: Scope) -> bool:
    server: Any = scope.get("server")
    return server is not None and _is_elsewhere(server[0])


_is_loopback = lru_cache(_CACHE_SIZE)(is_loopback)
_is_elsewhere = lru_cache(_CACHE_SIZE)(is_elsewhere)


def _with_headers(headers: Headers, send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers]
        await send(message)

    return send_with_headers


async def _respond(send: Send, status: int, headers: Headers) -> None:
    length = [] if status == 204 else [(b"content-length", b"0")]
    start = {"type": "http.response.start", "status": status, "headers": [*headers, *length]}
    await send(start)
    await send({"type": "http.response.body", "body": b""})


def _is_ours(address: Address) -> bool:
    """Whether an interface of this machine has the address; `bind` fails for all others."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
