"""What stands in front of Connexion: who may ask at all is settled before anything is looked up."""

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

_KNOWN = 256
"""Host headers whose ruling is remembered."""
_EXPOSED = (
    "without keys only this machine is served: set OLLAMA_OPENAI_PROXY_API_KEYS, "
    "or OLLAMA_OPENAI_PROXY_INSECURE=true"
)


class Gate:
    """Refuses pages that are not allowed (CORS), then hosts that we are not called by.

    The latter only where we are heard on this machine alone: elsewhere any name may be ours. What
    we listen on is `listening`; an application that another server carries elsewhere than it was
    told sees that by the address at which a request arrives.

    Who may pass both is asked for a key by `authentication`. Without one, and unless it is to be
    `open`, what arrives from other machines is refused, whoever listened for it.
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
        self._closed = authentication is None and not open
        self._guarded = is_loopback(listening)
        hosts = Hosts(socket.gethostname(), _is_ours)
        self._allows = lru_cache(_KNOWN)(lambda host: hosts.allows(host.decode("latin-1")))
        self._allows_name = lru_cache(_KNOWN)(
            lambda host: hosts.allows_name(host.decode("latin-1"))
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request pass, or answers it."""
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
                await _answer(send, 403, [])
                return
            if ruling.verdict == "preflight":
                await _answer(send, 204, ruling.headers)
                return
            send = _adding(ruling.headers, send)
        status = self._status(scope, host)
        if status is not None:
            await _answer(send, status, [])
            return
        refused = self._refused(scope)
        if refused is not None:
            metrics_of(scope).fail(refused)
            await error_format_of(scope["path"]).response(refused).send(send)
            return
        await self._app(scope, receive, send)

    def _status(self, scope: Scope, host: bytes) -> int | None:
        """The answer to a host, where there is one already."""
        if not (self._guarded and _arrived_on_loopback(scope)):
            return None
        if not self._allows(host):
            return 403
        # Ollama answers so for names and not for addresses.
        return 204 if scope["method"] == "OPTIONS" and self._allows_name(host) else None

    def _refused(self, scope: Scope) -> ProxyError | None:
        """Why a request is not served; where it is, whose key it came with is kept in its state."""
        if self._authentication is None:
            return Exposed(_EXPOSED) if self._closed and _arrived_from_elsewhere(scope) else None
        try:
            name = self._authentication.admit(scope["method"], scope["path"], scope["headers"])
        except Unauthorized as refused:
            return refused
        metrics_of(scope).key = name
        scope["headers"] = self._authentication.known(scope["headers"])
        return None


def _arrived_on_loopback(scope: Scope) -> bool:
    server: Any = scope.get("server")
    return server is not None and _is_loopback(server[0])


def _arrived_from_elsewhere(scope: Scope) -> bool:
    server: Any = scope.get("server")
    return server is not None and _is_elsewhere(server[0])


_is_loopback = lru_cache(_KNOWN)(is_loopback)
_is_elsewhere = lru_cache(_KNOWN)(is_elsewhere)


def _adding(headers: Headers, send: Send) -> Send:
    async def adding(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers]
        await send(message)

    return adding


async def _answer(send: Send, status: int, headers: Headers) -> None:
    length = [] if status == 204 else [(b"content-length", b"0")]
    start = {"type": "http.response.start", "status": status, "headers": [*headers, *length]}
    await send(start)
    await send({"type": "http.response.body", "body": b""})


def _is_ours(address: Address) -> bool:
    """Whether an interface of this machine has the address: only to those can one bind."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
