"""HEAD and POST /api/blobs/{digest}: files for new models, of which there are none."""

import re

from ...errors import BadRequest
from ...services.request import Request
from ...web.request_body import RequestBody
from ...web.responses import Response, WholeResponse
from .copy_delete_push import not_ours

_DIGEST = re.compile(r"sha256[:-][0-9a-fA-F]{64}")


async def blob_head(request: Request) -> Response:
    """Says that no such file is kept here."""
    check_digest(request.parameters["digest"])
    return WholeResponse(b"", status=404)


async def blob(request: Request, body: RequestBody) -> Response:
    """Refuses a file; its bytes are not kept."""
    check_digest(request.parameters["digest"])
    raise not_ours("create")


def check_digest(digest: str) -> None:
    """Raises BadRequest for what is no digest (manifest/paths.go)."""
    if _DIGEST.fullmatch(digest) is None:
        raise BadRequest("invalid digest format")
