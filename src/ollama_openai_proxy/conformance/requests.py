"""Validates requests to a backend against specs/openai.yaml."""

import re
from collections.abc import Iterable, Mapping

from ..json_decoding import InvalidJSON, decode_json
from ..v1_routes import V1_ROUTES
from .bodies import FindViolations, violations_if_closed
from .contract import find

SPEC = "openai.yaml"

_HEADERS: Mapping[str, str] = {
    "accept": r"application/json|text/event-stream",
    "accept-encoding": "identity",
    "user-agent": "ollama-openai-proxy",
    "authorization": r"Bearer \S+",
    "content-type": "application/json",
    "content-length": r"\d+",
    "host": ".+",
    "connection": "keep-alive|close",
    "x-request-id": r"[A-Za-z0-9._-]{1,128}",
}
"""The headers that we may send, with a pattern for the value of each."""
_REQUIRED = {"accept", "accept-encoding", "user-agent"}
_NOT_FORWARDED = {"cookie", "origin", "referer", "expect", "te", "upgrade", "proxy-authorization"}
_PARAMETER = re.compile(r"\{[^}]*\}")


def request_violations(
    method: str,
    path: str,
    headers: Iterable[tuple[str, str]],
    body: bytes | None,
    find_violations: FindViolations = violations_if_closed,
) -> list[str]:
    """Return the violations in the path, headers and body of a request that this service made.

    A `body` of None is unknown and is not validated.
    """
    described = find(SPEC, method, path)
    if described is None:
        return [f"path: {method} {path} is not in the specification"]
    sent = {name.lower(): value for name, value in headers}
    found = _headers(sent, described.body is not None)
    if described.body is None:
        return [*found, *(["body: the operation has no request body"] if body else [])]
    if body is None:
        return found
    try:
        document = decode_json(body)
    except InvalidJSON:
        return [*found, "$: is not JSON"]
    streams = isinstance(document, dict) and document.get("stream") is True
    if streams is not (sent.get("accept") == "text/event-stream"):
        found.append("accept: does not match `stream`")
    return found + find_violations(SPEC, described.body, document)


def forwarded_request_violations(
    method: str, path: str, headers: Iterable[tuple[str, str]]
) -> list[str]:
    """Return the violations in the path and headers of a client's request that passes through."""
    known = any(
        route.method == method and re.search(_PARAMETER.sub("[^/]+", route.path) + "$", path)
        for route in V1_ROUTES
    )
    sent = {name.lower(): value for name, value in headers}
    found = [] if known else [f"path: {method} {path} must not be forwarded"]
    found += [f"{name}: must not be forwarded" for name in _NOT_FORWARDED & sent.keys()]
    if sent.get("accept-encoding") != "identity":
        found.append("accept-encoding: must be identity")
    return found


def _headers(sent: Mapping[str, str], with_body: bool) -> list[str]:
    required = _REQUIRED | ({"content-type"} if with_body else set())
    return [
        *(f"{name}: missing" for name in sorted(required - sent.keys())),
        *(f"{name}: unknown header" for name in sorted(sent.keys() - _HEADERS.keys())),
        *(
            f"{name}: invalid value"
            for name in sorted(sent.keys() & _HEADERS.keys())
            if not re.fullmatch(_HEADERS[name], sent[name])
        ),
    ]
