"""GET /metrics."""

from ._answer import Answer, Document
from ._context import Operation
from ._request import Request


async def metrics(operation: Operation, request: Request) -> Answer:
    """All numbers, in the format that Prometheus asks for."""
    accept = request.header(b"accept") or b""
    body, media_type = operation.services.metrics.exposition(accept.decode("latin-1"))
    return Document(body, media_type=media_type.encode())
