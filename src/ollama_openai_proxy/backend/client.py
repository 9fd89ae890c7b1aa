"""One method for each operation of specs/openai.yaml."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
import httpx
import msgspec
from ollama_openai_proxy_models import openai

from ..errors import BackendTimeout, BackendUnreachable, BackendViolation
from .bodies import as_it_comes, at_once, unpacked
from .failures import Secret, failure, mapped, refusal, told_of, was_dead
from .forward import Forward, Forwarded, Headers, answer_headers, request_headers, target
from .transport.network import open_transport

PASSES_ON = "passes_on"
"""The extension of a request that passes through: its body is a client's."""

_encode = msgspec.json.Encoder().encode


class Timeouts(NamedTuple):
    """Seconds; there is none for the whole of an answer."""

    connect: float
    first_byte: float
    idle: float


class Stream(NamedTuple):
    """An answer that is on its way: its media type, and its bytes as they come."""

    media_type: str
    chunks: AsyncIterator[bytes]


class Backend:
    """A backend at `base_url`; closes its connections with `aclose`."""

    def __init__(
        self,
        base_url: str,
        key: str | None,
        timeouts: Timeouts,
        transport: httpx.AsyncBaseTransport,
    ) -> None:
        self._base = httpx.URL(base_url)
        self._timeouts = timeouts
        self._transport = transport
        self._extensions = {"timeout": {"connect": timeouts.connect, "read": None}}
        self._passing_on = {**self._extensions, PASSES_ON: True}
        headers = {"accept-encoding": "identity", "user-agent": "ollama-openai-proxy"}
        if key:
            headers["authorization"] = f"Bearer {key}"
        self._headers = headers
        self.secret = Secret(key)
        self._urls: dict[str, httpx.URL] = {}

    def with_keys(self, keys: Sequence[str]) -> "Backend":
        """The same over the same connections, asked with the first of a client's own keys."""
        backend = Backend(str(self._base), keys[0], self._timeouts, self._transport)
        backend.secret = Secret(*keys)
        return backend

    @property
    def host(self) -> str:
        """The host name in its URL."""
        return self._base.host

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._transport.aclose()

    async def list_models(self) -> bytes:
        """The model list as it came: it has several shapes."""
        return await self._whole("GET", "/models", None)

    async def get_properties(self) -> openai.ServerProperties:
        """What llama.cpp tells of itself."""
        return self._decoded(await self._whole("GET", "/props", None), _PROPERTIES)

    async def create_chat_completion(
        self, request: openai.CreateChatCompletionRequest
    ) -> openai.CreateChatCompletionResponse:
        """A whole answer."""
        body = await self._whole("POST", "/chat/completions", _encode(request))
        return self._decoded(body, _COMPLETION)

    def stream_chat_completion(
        self, request: openai.CreateChatCompletionRequest
    ) -> AbstractAsyncContextManager[Stream]:
        """An answer as it is made: a context that yields the Stream once its status is known."""
        return self._open("POST", "/chat/completions", _encode(request), "text/event-stream")

    async def create_completion(
        self, request: openai.CreateCompletionRequest
    ) -> openai.CreateCompletionResponse:
        """A whole continuation of plain text."""
        body = await self._whole("POST", "/completions", _encode(request))
        return self._decoded(body, _PLAIN_COMPLETION)

    def stream_completion(
        self, request: openai.CreateCompletionRequest
    ) -> AbstractAsyncContextManager[Stream]:
        """A continuation as it is made; as `stream_chat_completion`."""
        return self._open("POST", "/completions", _encode(request), "text/event-stream")

    async def create_embedding(
        self, request: openai.CreateEmbeddingRequest
    ) -> openai.CreateEmbeddingResponse:
        """The vectors of some texts."""
        body = await self._whole("POST", "/embeddings", _encode(request))
        return self._decoded(body, _EMBEDDING)

    def _decoded[T](self, body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
        try:
            return decoder.decode(body.strip())
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            with self.secret.struck():
                raise told_of(body) or BackendViolation(
                    f"the backend's answer is not what was asked for: {error}"
                ) from error

    async def _whole(self, method: str, path: str, content: bytes | None) -> bytes:
        async with self._open(method, path, content, "application/json") as stream:
            return b"".join([chunk async for chunk in stream.chunks])

    @asynccontextmanager
    async def _open(
        self, method: str, path: str, content: bytes | None, accept: str
    ) -> AsyncGenerator[Stream]:
        """Yields an answer that is none of failure; whatever happens, its connection is freed at once."""
        with self.secret.struck():
            headers = {**self._headers, "accept": accept}
            if content is not None:
                headers["content-type"] = "application/json"
            response = await self._send(method, self._url(path), headers, content, self._extensions)
            try:
                if not response.is_success:
                    raise await self._refused(response)
                media_type = response.headers.get("content-type", "").partition(";")[0].strip()
                yield Stream(media_type.lower(), self._chunks(unpacked(response)))
            finally:
                await response.aclose()

    @asynccontextmanager
    async def forward(self, forward: Forward) -> AsyncGenerator[Forwarded]:
        """Yields an answer as it comes, one of failure as well; in the latter our key is struck
        out, which some servers echo."""
        url = target(self._base, forward.path, forward.query)
        headers = request_headers(forward, self._headers)
        with self.secret.struck():
            response = await self._send(
                forward.method, url, headers, forward.content, self._passing_on
            )
            try:
                chunks = self._chunks(as_it_comes(response))
                kept = answer_headers(response.headers.raw)
                if response.is_error:
                    body = self.secret.strike(b"".join([chunk async for chunk in chunks]))
                    kept = [pair for pair in kept if pair[0] != b"content-length"]
                    kept.append((b"content-length", b"%d" % len(body)))
                    chunks = at_once(body)
                yield Forwarded(response.status_code, kept, chunks)
            finally:
                await response.aclose()

    async def _send(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str] | Headers,
        content: bytes | AsyncIterable[bytes] | None,
        extensions: dict[str, Any],
    ) -> httpx.Response:
        """The answer's head. A kept connection that turns out dead is replaced, once: nothing
        has been answered on it. BackendTimeout when it takes too long."""
        request = httpx.Request(
            method, url, headers=headers, content=content, extensions=extensions
        )
        again = isinstance(content, bytes | None)
        try:
            async with asyncio.timeout(self._timeouts.first_byte):
                with mapped():
                    try:
                        return await self._transport.handle_async_request(request)
                    except (httpx.TransportError, aiohttp.ClientError) as error:
                        if not again or not was_dead(error):
                            raise
                    return await self._transport.handle_async_request(request)
        except TimeoutError:
            seconds = self._timeouts.first_byte
            raise BackendTimeout(f"the backend did not answer within {seconds:g} s") from None

    async def _chunks(self, source: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        limit = self._timeouts.first_byte
        while True:
            try:
                async with asyncio.timeout(limit):
                    chunk = await anext(source)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise BackendTimeout(f"the backend was silent for {limit:g} s") from None
            except (httpx.HTTPError, httpx.StreamError, aiohttp.ClientError) as error:
                raise failure(error) from error
            limit = self._timeouts.idle
            yield chunk

    async def _refused(self, response: httpx.Response) -> Exception:
        try:
            body = b"".join([chunk async for chunk in self._chunks(unpacked(response))])
        except (BackendTimeout, BackendUnreachable, BackendViolation):
            body = b""
        return refusal(response.status_code, body, response.reason_phrase, response.headers)

    def _url(self, path: str) -> httpx.URL:
        url = self._urls.get(path)
        if url is None:
            start = self._base.path.rstrip("/")
            if path == "/props":
                start = start.removesuffix("/v1")
            url = self._base.copy_with(path=start + path)
            self._urls[path] = url
        return url


def open_backend(
    base_url: str,
    key: str | None,
    timeouts: Timeouts,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Backend:
    """A backend; `transport` stands in for the network in tests. Needs a running event loop."""
    return Backend(base_url, key, timeouts, transport or open_transport())


_PROPERTIES = msgspec.json.Decoder(openai.ServerProperties)
_COMPLETION = msgspec.json.Decoder(openai.CreateChatCompletionResponse)
_PLAIN_COMPLETION = msgspec.json.Decoder(openai.CreateCompletionResponse)
_EMBEDDING = msgspec.json.Decoder(openai.CreateEmbeddingResponse)
