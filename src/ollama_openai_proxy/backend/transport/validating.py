"""A transport that holds what passes through it against specs/openai.yaml."""

from collections.abc import AsyncIterator

import httpx

from ...conformance.bodies import BodyValidator, answered
from ...conformance.contract import find
from ...conformance.requests import SPEC, asked, passed_on
from ...conformance.violations import ViolationReporter
from ...errors import BackendViolation, ProxyError
from ..bodies import unpacked
from ..client import PASSES_ON

_PACKED = ("content-encoding", "content-length")


class ValidatingTransport(httpx.AsyncBaseTransport):
    """Stands in front of the network, or of another transport.

    What passes through for a client is open by design: of that only the path and the headers of
    the request are looked at.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, watch: ViolationReporter) -> None:
        self._transport = transport
        self._watch = watch

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer; raises ProxyError or BackendViolation where that is wanted."""
        method, path = request.method, request.url.raw_path.decode().partition("?")[0]
        headers = request.headers.items()
        if PASSES_ON in request.extensions:
            violations = passed_on(method, path, headers)
        else:
            violations = asked(method, path, headers, request.content)
        if violations:
            told = self._watch.tell("backend", "the request to the backend", violations)
            if self._watch.enforces:
                raise ProxyError(told)
        response = await self._transport.handle_async_request(request)
        return response if PASSES_ON in request.extensions else self._held(request, response)

    def _held(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        described = find(SPEC, request.method, path)
        if described is None:
            return response
        media_type = response.headers.get("content-type", "")
        violations, body = answered(SPEC, described, response.status_code, media_type)
        packed = "content-encoding" in response.headers
        return httpx.Response(
            response.status_code,
            headers=[
                (name, value)
                for name, value in response.headers.multi_items()
                if not (packed and name in _PACKED)
            ],
            stream=_ValidatedStream(response, body, violations, self._watch),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._transport.aclose()


class _ValidatedStream(httpx.AsyncByteStream):
    """A body that is read as it is passed on."""

    def __init__(
        self,
        response: httpx.Response,
        body: BodyValidator,
        violations: list[str],
        watch: ViolationReporter,
    ) -> None:
        self._response = response
        self._body = body
        self._breaches = violations
        self._watch = watch

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._tell(self._breaches)
        async for data in unpacked(self._response):
            self._tell(self._body.receive(data))
            yield data
        self._tell(self._body.close())

    async def aclose(self) -> None:
        await self._response.aclose()

    def _tell(self, violations: list[str]) -> None:
        if not violations:
            return
        told = self._watch.tell("backend", "the backend's answer", violations)
        if self._watch.enforces:
            raise BackendViolation(told)
