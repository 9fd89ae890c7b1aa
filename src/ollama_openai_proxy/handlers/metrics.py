"""GET /metrics."""

from ..services.request import Request
from ..web.responses import Response, WholeResponse


async def metrics(request: Request) -> Response:
    """All metrics, in the format that the Accept header selects."""
    accept = request.header(b"accept") or b""
    body, media_type = request.services.metrics.exposition(accept.decode("latin-1"))
    return WholeResponse(body, media_type=media_type.encode())
