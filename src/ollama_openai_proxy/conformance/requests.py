"""What is sent to a backend, held against specs/openai.yaml."""

import re
from collections.abc import Iterable, Mapping

from ..json_decoding import InvalidJSON, decode_json
from ..v1_routes import V1_ROUTES
from .bodies import FindViolations, violations_if_closed
from .contract import find

SPEC = "openai.yaml"

_OURS: Mapping[str, str] = {
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
_ALWAYS = {"accept", "accept-encoding", "user-agent"}
_NOT_THE_CLIENTS = {"cookie", "origin", "referer", "expect", "te", "upgrade", "proxy-authorization"}
_ANY = re.compile(r"\{[^}]*\}")


def request_violations(
    method: str,
    path: str,
    headers: Iterable[tuple[str, str]],
    body: bytes | None,
    find_violations: FindViolations = violations_if_closed,
) -> list[str]:
    """What is wrong with a request of ours: its path, its headers, its body; None is not told."""
    described = find(SPEC, method, path)
    if described is None:
        return [f"path: no {method} {path}"]
    sent = {name.lower(): value for name, value in headers}
    found = _headers(sent, described.body is not None)
    if described.body is None:
        return [*found, *(["body: none is described"] if body else [])]
    if body is None:
        return found
    try:
        document = decode_json(body)
    except InvalidJSON:
        return [*found, "$: is not JSON"]
    streams = isinstance(document, dict) and document.get("stream") is True
    if streams is not (sent.get("accept") == "text/event-stream"):
        found.append("accept: is not what `stream` asks for")
    return found + find_violations(SPEC, described.body, document)


def forwarded_request_violations(
    method: str, path: str, headers: Iterable[tuple[str, str]]
) -> list[str]:
    """What is wrong with a request of a client that passes through."""
    known = any(
        route.method == method and re.search(_ANY.sub("[^/]+", route.path) + "$", path)
        for route in V1_ROUTES
    )
    sent = {name.lower(): value for name, value in headers}
    found = [] if known else [f"path: no {method} {path} is passed on"]
    found += [f"{name}: is not for the backend" for name in _NOT_THE_CLIENTS & sent.keys()]
    if sent.get("accept-encoding") != "identity":
        found.append("accept-encoding: is not identity")
    return found


def _headers(sent: Mapping[str, str], with_body: bool) -> list[str]:
    must = _ALWAYS | ({"content-type"} if with_body else set())
    return [
        *(f"{name}: missing" for name in sorted(must - sent.keys())),
        *(f"{name}: unknown header" for name in sorted(sent.keys() - _OURS.keys())),
        *(
            f"{name}: wrong value"
            for name in sorted(sent.keys() & _OURS.keys())
            if not re.fullmatch(_OURS[name], sent[name])
        ),
    ]
