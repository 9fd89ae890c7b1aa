"""GET /metrics."""

from ..services.context import Operation
from ..web.request import Request
from ..web.responses import Answer, Document


async def metrics(operation: Operation, request: Request) -> Answer:
    """All numbers, in the format that Prometheus asks for."""
    accept = request.header(b"accept") or b""
    body, media_type = operation.services.metrics.exposition(accept.decode("latin-1"))
    return Document(body, media_type=media_type.encode())
