"""The request object that handlers receive."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ollama_openai_proxy_models import openai

from ..telemetry import RequestMetrics
from .context import Services

_NONE: Mapping[str, str] = MappingProxyType({})


class Request:
    """A client's request without its body, with its services and its metrics.

    `parameters` are the path parameters; `headers` have lower-case names.
    """

    __slots__ = (
        "_start", "headers", "method", "metrics", "parameters", "query", "received_at", "services",
    )  # fmt: skip

    def __init__(
        self,
        services: Services,
        metrics: RequestMetrics,
        *,
        method: str = "GET",
        parameters: Mapping[str, str] = _NONE,
        query: bytes = b"",
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        self.services = services
        self.metrics = metrics
        self.method = method
        self.parameters = parameters
        self.query = query
        self.headers = headers
        self.received_at = services.clock.wall()
        """ns since 1970."""
        self._start = services.clock.monotonic()

    @property
    def id(self) -> str:
        """The client's `x-request-id`, or a generated id."""
        return self.metrics.id

    def now(self) -> int:
        """ns since the request was received."""
        return self.services.clock.monotonic() - self._start

    def header(self, name: bytes) -> bytes | None:
        """The value of a header, or None if it is missing."""
        return next((value for known, value in self.headers if known == name), None)

    async def resolve(self, name: str, missing: str) -> openai.Model:
        """Record the name, and return the backend's model that it means; see Models.resolve."""
        self.metrics.model = name
        return await self.services.models.resolve(name, missing)

    async def describe(self, name: str, missing: str) -> openai.Model:
        """Like `resolve`, but see Models.described."""
        self.metrics.model = name
        return await self.services.models.described(name, missing)

    async def resolve_any(self, name: str, missing: str) -> openai.Model:
        """Like `resolve`, but see Models.passed."""
        self.metrics.model = name
        return await self.services.models.passed(name, missing)
