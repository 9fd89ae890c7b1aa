"""A transport that validates requests and responses against specs/openai.yaml."""

from urllib.parse import urlsplit

from ...conformance.bodies import BodyValidator, response_violations
from ...conformance.contract import find
from ...conformance.requests import SPEC, forwarded_request_violations, request_violations
from ...conformance.violations import ViolationReporter
from ...errors import BackendViolation, ProxyError
from .seam import BackendRequest, BackendResponse, RawHeaders, Transport, header


class ValidatingTransport:
    """Wraps another transport and validates its traffic.

    Of a request that passes through, only the path and headers are validated: its body is the
    client's own and may have any fields.
    """

    def __init__(self, transport: Transport, reporter: ViolationReporter) -> None:
        self._transport = transport
        self._reporter = reporter

    async def send(self, request: BackendRequest) -> BackendResponse:
        """See Transport. Raises ProxyError for an invalid request if violations are enforced."""
        path = urlsplit(request.url).path
        if request.passes_through:
            violations = forwarded_request_violations(request.method, path, request.headers)
        else:
            body = request.body if isinstance(request.body, bytes) else b""
            violations = request_violations(request.method, path, _sent(request), body)
        if violations:
            text = self._reporter.report("backend", "the request to the backend", violations)
            if self._reporter.enforces:
                raise ProxyError(text)
        response = await self._transport.send(request)
        return response if request.passes_through else self._validated(request, path, response)

    def _validated(
        self, request: BackendRequest, path: str, response: BackendResponse
    ) -> BackendResponse:
        described = find(SPEC, request.method, path)
        if described is None:
            return response
        media_type = header(response, b"content-type")
        violations, body = response_violations(SPEC, described, response.status, media_type)
        return _ValidatedResponse(response, body, violations, self._reporter)

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.close()


def _sent(request: BackendRequest) -> list[tuple[str, str]]:
    return [*request.headers, *([("x-request-id", request.id)] if request.id else [])]


class _ValidatedResponse:
    """A response whose body is validated while it is read."""

    def __init__(
        self,
        response: BackendResponse,
        body: BodyValidator,
        violations: list[str],
        reporter: ViolationReporter,
    ) -> None:
        self._response = response
        self._body = body
        self._violations = violations
        self._reporter = reporter
        self._ended = False
        self.status: int = response.status
        self.reason: str = response.reason
        self.headers: RawHeaders = response.headers

    async def read_some(self) -> bytes:
        self._report(self._violations)
        self._violations = []
        data = await self._response.read_some()
        if data:
            self._report(self._body.receive(data))
        elif not self._ended:
            self._ended = True
            self._report(self._body.close())
        return data

    def close(self) -> None:
        self._response.close()

    def _report(self, violations: list[str]) -> None:
        if not violations:
            return
        text = self._reporter.report("backend", "the backend's response", violations)
        if self._reporter.enforces:
            raise BackendViolation(text)
