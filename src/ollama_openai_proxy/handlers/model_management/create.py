"""POST /api/create: rejected, since the backend manages its models.

An invalid request gets Ollama's error, with checks in Ollama's order (server/create.go).
"""

import posixpath
from collections.abc import Mapping
from typing import Any

from ollama_openai_proxy_models import ollama

from ...errors import BadRequest, ProxyError
from ...services.request import Request
from ...translator.models.names import is_valid
from ...web.responses import Response
from .blobs import check_digest
from .copy_delete_push import managed_by_backend

_STRING_FIELDS = ("base_name", "model_family", "parameter_size", "quantization_level")
_LENGTH_FIELDS = ("context_length", "embedding_length")
_QUANTIZATIONS = ("F32", "F16", "Q4_K_S", "Q4_K_M", "Q8_0")
_SUFFIXES = (".gguf", ".safetensors")
_JSON_KINDS: Mapping[type, str] = {
    bool: "bool", dict: "object", float: "number", int: "number", list: "array", str: "string",
}  # fmt: skip


async def create(request: Request, body: ollama.CreateRequest) -> Response:
    """Reject the creation of a model."""
    _check_paths(body.files or {})
    if not is_valid(body.model) or (body.from_ and not is_valid(body.from_)):
        raise BadRequest("invalid model name")
    _check_info(body.info or {})
    if not body.from_:
        _check_files(body.files)
    _check_template(body.template or "")
    _check_license(body.license)
    quantization = (body.quantize or body.quantization or "").upper()
    if quantization and quantization not in _QUANTIZATIONS:
        known = ", ".join(_QUANTIZATIONS)
        raise ProxyError(
            f"unsupported quantization type {quantization} - supported types are {known}"
        )
    raise managed_by_backend("create")


def _check_paths(files: Mapping[str, str]) -> None:
    """Reject the paths that io/fs.ValidPath rejects."""
    for path in files:
        if path != posixpath.normpath(path) or path.startswith(("/", "../")) or path == "..":
            raise BadRequest("file path must be relative")


def _check_files(files: Mapping[str, str] | None) -> None:
    if files is None:
        raise BadRequest("neither 'from' or 'files' was specified")
    if not any(path.endswith(_SUFFIXES) for path in files):
        raise BadRequest("unknown type")
    for digest in files.values():
        check_digest(digest)


def _check_info(info: Mapping[str, Any]) -> None:
    for name in _STRING_FIELDS:
        if not isinstance(info.get(name), str | None):
            raise BadRequest(f'info field "{name}" must be a string')
    for name in _LENGTH_FIELDS:
        number = info.get(name, 0)
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise BadRequest(f'info field "{name}" must be a number')
        if number < 0 or number != int(number):
            raise BadRequest(f'info field "{name}" must be a non-negative integer')


def _check_template(template: str) -> None:
    before, opened, rest = template.rpartition("{{")
    if opened and "}}" not in rest:
        line = before.count("\n") + 1
        raise BadRequest(f"template error: template: :{line}: unclosed action")


def _check_license(value: Any) -> None:
    """Reject anything except a string or a list of strings."""
    wrong, go_type = value, "[]string"
    if isinstance(value, list):
        wrong = next((item for item in value if not isinstance(item, str | None)), None)
        go_type = "string"
    if not isinstance(wrong, str | None):
        kind = _JSON_KINDS[type(wrong)]
        raise ProxyError(f"json: cannot unmarshal {kind} into Go value of type {go_type}")
