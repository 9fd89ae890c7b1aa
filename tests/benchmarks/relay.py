"""A relay on the proxy's stack (uvicorn, aiohttp) that does nothing else: the lower bound of each row."""

import argparse
from typing import Any

import aiohttp
import uvicorn

_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10)


class Relay:
    """A bare ASGI application: no framework, no middleware, no parsing of bodies."""

    def __init__(self, backend: str) -> None:
        self._backend = backend

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self._forward(scope, receive, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(
            connector=connector, timeout=_TIMEOUT, auto_decompress=False
        ) as self._session:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _forward(self, scope: Any, receive: Any, send: Any) -> None:
        body = await _read(receive)
        async with self._session.request(
            scope["method"],
            self._backend + scope["path"],
            data=body or None,
            headers={"content-type": "application/json"},
        ) as response:
            headers = [
                (name.encode(), response.headers[name].encode())
                for name in ("content-type", "content-length", "content-encoding")
                if name in response.headers
            ]
            await send(
                {"type": "http.response.start", "status": response.status, "headers": headers}
            )
            async for data in response.content.iter_any():
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


async def _read(receive: Any) -> bytes:
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--backend", required=True, help="such as http://127.0.0.1:9000")
    arguments = parser.parse_args()
    uvicorn.run(
        Relay(arguments.backend),
        port=arguments.port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main()
