"""HEAD and POST /api/blobs/{digest}: files for new models, of which there are none."""

import re

from ..errors import BadRequest
from ..services.context import Operation
from ..web.request import Request
from ..web.responses import Response, WholeResponse
from .model_management import not_ours

_DIGEST = re.compile(r"sha256[:-][0-9a-fA-F]{64}")


async def blob_head(operation: Operation, request: Request) -> Response:
    """Says that no such file is kept here."""
    check_digest(request.parameters["digest"])
    return WholeResponse(b"", status=404)


async def blob(operation: Operation, request: Request) -> Response:
    """Refuses a file; its bytes are not kept."""
    check_digest(request.parameters["digest"])
    raise not_ours("create")


def check_digest(digest: str) -> None:
    """Raises BadRequest for what is no digest (manifest/paths.go)."""
    if _DIGEST.fullmatch(digest) is None:
        raise BadRequest("invalid digest format")
