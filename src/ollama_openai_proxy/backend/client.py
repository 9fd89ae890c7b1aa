"""The backend client, with one method for each operation of specs/openai.yaml."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from ollama_openai_proxy_models import openai

from ..backend_errors import error_in_200
from ..errors import BackendViolation
from ..json_decoding import InvalidJSON, decode_as
from .address import BackendAddress
from .exchange import Exchange, Timeouts
from .forward import Forward, request_headers
from .redaction import Redactor
from .transport.seam import BackendRequest, Transport

_JSON, _EVENTS = "application/json", "text/event-stream"
_COMMON = {"accept-encoding": "identity", "user-agent": "ollama-openai-proxy"}
_encode = msgspec.json.Encoder().encode
_properties = partial(decode_as, msgspec.json.Decoder(openai.ServerProperties))
_embeddings = partial(decode_as, msgspec.json.Decoder(openai.CreateEmbeddingResponse))


class Backend:
    """A backend at `base_url`, called through `transport` with the first of `keys`.

    All of `keys` are redacted from errors. Where a method accepts an `id_`, it is sent as
    `x-request-id`. The methods raise BackendUnreachable, BackendTimeout, BackendViolation or
    BackendRefused; those that return an Exchange raise when the exchange is entered.
    """

    def __init__(
        self, base_url: str, keys: Sequence[str], timeouts: Timeouts, transport: Transport
    ) -> None:
        self._address = BackendAddress(base_url)
        self._timeouts = timeouts
        self._transport = transport
        self._redactor = Redactor(keys)
        self._headers = dict(_COMMON)
        if keys:
            self._headers["authorization"] = f"Bearer {keys[0]}"
        self._headers_for = {
            accept: [*self._headers.items(), ("accept", accept)] for accept in (_JSON, _EVENTS)
        }

    def with_keys(self, keys: Sequence[str]) -> "Backend":
        """Return the same backend, with the same transport and a client's own API keys."""
        return Backend(self._address.base_url, keys, self._timeouts, self._transport)

    @property
    def host(self) -> str:
        """The host name in the base URL."""
        return self._address.host

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.close()

    async def list_models(self) -> bytes:
        """Return the body of the model list, whose shape depends on the backend."""
        return await self._get(self._address.url("/models"))

    async def get_properties(self) -> openai.ServerProperties:
        """Return llama.cpp's /props: the properties of the server and its model."""
        return decoded(_properties, await self._get(self._address.url_beside("/props")))

    def create_chat_completion(
        self, request: openai.CreateChatCompletionRequest, id_: str = ""
    ) -> Exchange:
        """Start a chat completion, streamed if `request.stream` is true."""
        return self._post("/chat/completions", request, id_, streams=request.stream is True)

    def create_completion(self, request: openai.CreateCompletionRequest, id_: str = "") -> Exchange:
        """Start a text completion, streamed if `request.stream` is true."""
        return self._post("/completions", request, id_, streams=request.stream is True)

    async def create_embedding(
        self, request: openai.CreateEmbeddingRequest, id_: str = ""
    ) -> openai.CreateEmbeddingResponse:
        """Return the embeddings of the input strings."""
        async with self._post("/embeddings", request, id_) as exchange:
            return decoded(_embeddings, await exchange.read())

    def forward(self, forward: Forward, id_: str = "") -> Exchange:
        """Forward a client's own request. A response of any status is returned unmodified."""
        headers = request_headers(forward, self._headers)
        if id_:
            headers = [pair for pair in headers if pair[0] != "x-request-id"]
        request = BackendRequest(
            forward.method,
            self._address.url(forward.path, forward.query.decode("latin-1")),
            headers,
            forward.content,
            id_,
            passes_through=True,
        )
        return self._exchange(request)

    async def _get(self, url: str) -> bytes:
        async with self._exchange(BackendRequest("GET", url, self._headers_for[_JSON])) as exchange:
            return await exchange.read()

    def _post(
        self, path: str, request: msgspec.Struct, id_: str, *, streams: bool = False
    ) -> Exchange:
        headers = [*self._headers_for[_EVENTS if streams else _JSON], ("content-type", _JSON)]
        url = self._address.url(path)
        return self._exchange(BackendRequest("POST", url, headers, _encode(request), id_))

    def _exchange(self, request: BackendRequest) -> Exchange:
        return Exchange(self._transport, request, self._timeouts, self._redactor)


def decoded[T](decode: Callable[[bytes], T], body: bytes) -> T:
    """Decode the body of a successful response with `decode`, which raises InvalidJSON.

    Raises BackendRefused if the body is an error object, and BackendViolation if it is invalid.
    """
    try:
        return decode(body.strip())
    except InvalidJSON as error:
        raise error_in_200(body) or BackendViolation(
            f"the backend returned an invalid response: {error}"
        ) from error
