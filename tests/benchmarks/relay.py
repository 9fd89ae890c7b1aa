"""The do-nothing relay on the proxy's stack: what that stack costs before any translating."""

import argparse
from typing import Any

import httpx
import uvicorn
from httpx_aiohttp import AiohttpTransport

_LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=1000)


class Relay:
    """A bare ASGI application: no framework, no middleware, no look at the bytes."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._client = httpx.AsyncClient(transport=AiohttpTransport(limits=_LIMITS), timeout=60)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self._forward(scope, receive, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._client.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _forward(self, scope: Any, receive: Any, send: Any) -> None:
        request = self._client.build_request(
            scope["method"],
            self._backend + scope["path"],
            content=await _read(receive),
            headers={"content-type": "application/json"},
        )
        response = await self._client.send(request, stream=True)
        try:
            headers = [(b"content-type", response.headers["content-type"].encode())]
            if length := response.headers.get("content-length"):
                headers.append((b"content-length", length.encode()))
            status = response.status_code
            await send({"type": "http.response.start", "status": status, "headers": headers})
            async for data in response.aiter_raw():
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await response.aclose()


async def _read(receive: Any) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


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
