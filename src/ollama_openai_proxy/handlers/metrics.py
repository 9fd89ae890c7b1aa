"""GET /metrics."""

from ..services.context import Operation
from ..web.request import Request
from ..web.responses import Response, WholeResponse


async def metrics(operation: Operation, request: Request) -> Response:
    """All numbers, in the format that Prometheus asks for."""
    accept = request.header(b"accept") or b""
    body, media_type = operation.services.metrics.exposition(accept.decode("latin-1"))
    return WholeResponse(body, media_type=media_type.encode())
