"""HEAD and POST /api/blobs/{digest}: files for new models, which the service cannot create."""

import re

from ...errors import BadRequest
from ...services.request import Request
from ...web.request_body import RequestBody
from ...web.responses import Response, WholeResponse
from .copy_delete_push import managed_by_backend

_DIGEST = re.compile(r"sha256[:-][0-9a-fA-F]{64}")


async def blob_head(request: Request) -> Response:
    """Respond with 404, since the service stores no files."""
    check_digest(request.parameters["digest"])
    return WholeResponse(b"", status=404)


async def blob(request: Request, body: RequestBody) -> Response:
    """Reject a file without storing it."""
    check_digest(request.parameters["digest"])
    raise managed_by_backend("create")


def check_digest(digest: str) -> None:
    """Raise BadRequest if `digest` is malformed (manifest/paths.go)."""
    if _DIGEST.fullmatch(digest) is None:
        raise BadRequest("invalid digest format")
