"""GET /metrics."""

from ..services.request import Request
from ..web.responses import Response, WholeResponse


async def metrics(request: Request) -> Response:
    """All numbers, in the format that Prometheus asks for."""
    accept = request.header(b"accept") or b""
    text, media_type = request.services.metrics.exposition(accept.decode("latin-1"))
    return WholeResponse(text, media_type=media_type.encode())
