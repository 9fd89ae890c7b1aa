"""What stands in front of Connexion: who may ask at all is settled before anything is looked up."""

import socket
from functools import lru_cache
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .hosts import Address, Hosts, is_loopback
from .origins import Headers, Origins

_KNOWN = 256
"""Host headers whose ruling is remembered."""


class Gate:
    """Refuses pages that are not allowed (CORS), then hosts that we are not called by.

    The latter only where we are heard on this machine alone: elsewhere any name may be ours. What
    we listen on is `listening`; an application that another server carries elsewhere than it was
    told sees that by the address at which a request arrives.
    """

    def __init__(self, app: ASGIApp, origins: Origins, listening: str) -> None:
        self._app = app
        self._origins = origins
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
        if self._guarded and _arrived_on_loopback(scope):
            status = self._status(scope["method"], host)
            if status is not None:
                await _answer(send, status, [])
                return
        await self._app(scope, receive, send)

    def _status(self, method: str, host: bytes) -> int | None:
        """The answer to a host, where there is one already."""
        if not self._allows(host):
            return 403
        # Ollama answers so for names and not for addresses.
        return 204 if method == "OPTIONS" and self._allows_name(host) else None


def _arrived_on_loopback(scope: Scope) -> bool:
    server: Any = scope.get("server")
    return server is not None and _is_loopback(server[0])


_is_loopback = lru_cache(_KNOWN)(is_loopback)


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
