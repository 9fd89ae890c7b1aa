"""Raw requests and responses on a socket, without an HTTP client."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

from tests.fakes.limits import HANG


class Reply(NamedTuple):
    """A response. Header names are in lower case and in order, without date, connection and
    x-request-id."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@asynccontextmanager
async def connected(
    url: str,
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """An open connection to the service at `url`."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def send(url: str, line: str, *headers: str, body: bytes = b"") -> Reply:
    """Send the request `line` (`METHOD /path`) with `headers` and return the response.

    Adds `connection: close` and, for a body, `content-length`.
    """
    lines = [f"{line} HTTP/1.1", *headers, "connection: close"]
    if body:
        lines.append(f"content-length: {len(body)}")
    async with connected(url) as (reader, writer):
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        head, _, rest = (await asyncio.wait_for(reader.read(), HANG)).partition(b"\r\n\r\n")
    first, *others = head.decode("latin-1").split("\r\n")
    pairs = [(name.lower(), value) for name, _, value in (one.partition(": ") for one in others)]
    kept = [pair for pair in pairs if pair[0] not in ("date", "connection", "x-request-id")]
    return Reply(int(first.split(" ")[1]), kept, rest)
